package people

import "github.com/sluice-proxy/sluice/classifiers"

var wordIs = classifiers.HashWord("is")

// surnameEnds are the ends of surnames in languages that form them from first names,
// places and trades.
var surnameEnds = []string{
	"sson", "ssen", "dóttir", "dottir", "sdatter", "nen", "ić", "vić", "ević", "ović", "ková", "ová", "nova", "kova", "lova", "rova", "mova", "ieva", "yeva", "nov", "kov", "lov", "rov", "mov", "iev", "yev", "eyev", "sky", "ský", "ski", "ska", "cki",
	"cka", "icz", "czyk", "czak", "enko", "chuk", "shvili", "svili", "adze", "idze", "poulos", "idis", "akis", "yan", "oğlu", "oglu", "nsen", "lsen", "quist", "qvist",
	"ström", "strøm", "gård", "szky", "moto", "yama", "mura", "kawa", "ishi", "guez", "ndez", "inez", "ález", "dijk", "sma", "berger", "mann", "huber",
	"meier", "elli", "etti", "ucci", "ellini", "escu", "eanu", "ян", "ов", "ев", "ова", "ева", "ский", "ская", "енко", "чук", "όπουλος", "ίδης", "άκης",
}

// nameWords are words around names, in the languages that people write prompts in.
var nameWords = []roleWords{
	{titles, `mr mrs ms miss mx dr prof professor doctor sir madam dame herr herrn frau fr monsieur madame mademoiselle mme mlle señor
		señora señorita sr sra srta don doña sig signor signora signorina dott dottor dottoressa ing mevrouw meneer dhr mw pan
		pani pán paní bay bayan hr fru fröken herra rouva senhor senhora dom dona sgt sergeant familie mevr lt lieutenant capt captain cpl
		detective officer nurse uncle aunt father sister reverend rev rabbi imam sheikh господин госпожа`},
	{surnameTitles, `mr mrs ms miss prof professor herr herrn frau monsieur madame mademoiselle mme mlle señor señora señorita sr sra signor
		signora mevrouw meneer dhr senhor senhora doctor`},
	{surnameWords, `black day love little best price page gray short small bright silver golden west north east`}, // Census Bureau, surnames of 2010
	{particles, `van von der den de del della dello degli di da dos das du la le lo binti ten ter te zu zum zur af av bin ibn bint al el e y
		san mac ap abu ben o d l`},
	{called, `named called nicknamed heiße heisse heißt heet appelle appellent llamo llama chiamo chiama jmenuji nazywam chamo hedder
		heter nimeni зовут alias`},
	{names, `name names nickname username surname namn navn nom nombre nome naam jméno imię isim adım`},
	{labels, `name names namn navn nom nombre nome naam vorname nachname familienname prénom prenom cognome apellido apellidos
		sobrenome voornaam achternaam imię nazwisko jméno příjmení имя фамилия фио forename surname firstname lastname fullname
		patient customer client employee attn attention contact applicant insured beneficiary tenant borrower author sender
		recipient kunde kundin mitarbeiter ansprechpartner cliente paciente paziente klant signed holder payee
		owner proprietor proprietress subscriber cardholder accountholder policyholder passenger guest executor executrix assignee
		reporter caller witness defendant plaintiff claimant complainant petitioner trustee landlord landlady representative director
		signatory signer interviewer interviewee candidate attendee attendees participant participants reviewer approver guardian
		spouse parent physician surgeon doctor gp teacher trader driver supervisor fn cn family given givenname
		kontoinhaber kontoinhaberin inhaber inhaberin fahrer fahrerin zeuge zeugin bewerber bewerberin antragsteller antragstellerin
		versicherter versicherungsnehmer mieter mieterin vermieter patientin mitarbeiterin kontaktperson halter geschäftsführer arzt
		gérant gérante locataire assuré assurée salarié salariée titulaire bénéficiaire candidat candidate conducteur employé employée destinataire
		titular empleado empleada trabajador trabajadora asegurado asegurada remitente destinatario firmante inquilino conductor solicitante
		titolare intestatario assicurato assicurata dipendente conducente utente segurado segurada funcionário funcionária motorista
		werknemer huurder patiënt verzekerde eigenaar anställd kund pasient ansatt medarbejder kontakt asiakas potilas nimi etunimi sukunimi
		klient klientka pacjent pacjentka pracownik pacient pacientka zákazník zaměstnanec příjemce név ügyfél beteg nume prenume pacient angajat
		ime prezime priimek pacijent klijent vlasnik пациент пациентка клиент получатель отправитель сотрудник работник заявитель фамилия
		прізвище піб клієнт пацієнт όνομα επώνυμο ονοματεπώνυμο ad soyad adı soyadı müşteri hasta nama tên`},
	{eponyms, `law laws theorem theorems lemma conjecture disease syndrome equation equations algorithm principle paradox razor constant reflex
		sign criteria lymphoma palsy inequality hypothesis triangle sieve method`},
	{otherNames, `file user host domain product company business brand item city street town country state event project department bank hotel
		school course class category table column field method function variable package module service server database cluster
		group team app application firm firma organization organisation repo repository branch image container node display model
		screen account login event song film movie book game device drug test street place process task job step role font theme`},
	{weather, `storm hurricane typhoon cyclone`},
	{lettered, `vitamin vitamins vitamine vitamina витамин plan appendix annex exhibit hepatitis grade class group type option factor section
		schedule gate block terminal building category variant level team unit row room wing vitaminu anhang anlage klasse gruppe
		typ kategorie halle annexe groupe classe clase grupo gruppo categoria categoría tipo klass grupp grupa`},
	{greetings, `dear hi hello hey hallo liebe lieber cher chère chere querido querida estimado estimada caro cara gentile beste geachte sayın tisztelt szanowny szanowna vážený vážená stimate stimată poštovani poštovana уважаемый уважаемая шановний шановна αγαπητέ αγαπητή
		kære hei hej drogi droga cześć ciao salut bonjour hola thanks thx cheers sehr`},
	{closings, `regards sincerely yours truly faithfully cheers thanks love best greetings grüße gruß grüßen cordialement amicalement bisous saludos atentamente
		cordialmente saluti abrazo atenciosamente abraços groeten groetjes hilsen mvh hälsningar pozdrawiam pozdrav ystävällisin уважением`},
	{kin, `son daughter wife husband brother sister mother father mom mum dad kid child kids boyfriend girlfriend partner fiancé
		fiancée fiance fiancee cousin nephew niece uncle aunt grandmother grandfather grandma grandpa friend colleague coworker
		boss manager neighbor neighbour roommate patient client customer employee girl boy baby teacher nurse tenant landlord
		sohn tochter frau mann bruder schwester mutter vater freund freundin kollege kollegin chef fils fille femme mari frère
		sœur père mère ami amie hijo hija esposa esposo hermano hermana madre padre amigo amiga figlio figlia moglie marito
		fratello sorella zoon dochter vriend vriendin`},
	{speech, `said says told tells asked asks replied replies wrote writes shouted explained explains answered added whispered laughed
		smiled nodded sighed yelled cried screamed mentioned thinks thought believes loves loved hates hated wants wanted lives
		lived works worked emailed texted called phoned married sings sang listed posted speaks spoke told met meets knows knew
		invited hired fired promised admitted claimed claims joked recalled remembers insisted agreed argued explains sagte sagt
		fragte schrieb meinte antwortete dit demande demandé répond écrit dijo dice preguntó respondió escribió disse chiese
		rispose scrisse zei vroeg schreef sa sagde`},
	{with, `by with from to for and of von mit für an bei par avec pour de con por para da per met voor`},
	{conjunctions, `and or und oder et ou y o e en og och ja i a`},
	{articles, `the a an this that these those every each some any no der die das ein eine le la les un une el los las una il lo gli de
		het een`},
	{pronouns, `he she him her his hers himself herself`},
	{pronounsI, `i he she my`},
	{isBe, `am m is`},
	{months, `jan feb mar apr jun jul aug sep sept oct nov dec mai juni juli may june july april august`},
	{things, `vertrieb einkauf buchhaltung personalabteilung zentrale bäckerei apotheke kanzlei praxis sparkasse stadtwerke yetkili lint markdown golang grafana loki wifi ethernet bluetooth
		street road avenue lane drive boulevard court place square plaza terrace crescent highway parkway close gardens way
		alley st rd ave blvd university college school academy institute hospital clinic church cathedral museum library
		foundation inc llc ltd limited corp corporation company gmbh ag plc co group holdings bank airport station bridge park
		lake river mountain mountains hill hills valley island islands bay beach county city town village district province
		region stadium arena center centre hotel restaurant cafe café bar award awards prize festival theorem law laws theory
		equation algorithm distribution model test method process syndrome disease virus effect constant number numbers
		transform series function space scale cup open championship league theater theatre building tower hall house palace
		castle act api sdk app framework database server records studios pictures entertainment industries enterprises
		associates partners technologies solutions systems software engineering consulting magazine times post news journal
		press straße strasse platz allee gasse weg brewing motors foods airlines airways railway railroad valve scissors fascia
		catheter drain clamp forceps retractor knife sign reflex procedure suture needle tube graft stent classification
		criteria score kimlik cad cadde caddesi sok sokak sokağı mah mahalle mahallesi bulvarı gate gade straat nagar colony district quarter ward`},
	{notBehind, `saint santa san são st sankt port fort mount lake cape point new north south east west los las el rio puerto villa
		university college bank street rue via calle avenida avenue boulevard plaza piazza rua rúa carrer ulica ul paseo camino
		carrera barrio bairro quartier colonia kota quận phường huyện jalan jl улица ул проспект переулок вулиця вул hotel project operation hurricane storm typhoon cyclone microsoft google amazon apple adobe visual spring apache`},
}
