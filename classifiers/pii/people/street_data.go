package people

// placeWords are words of addresses, by the languages and postal services that have
// them (Universal Postal Union, addressing guides by country; USPS Publication 28,
// appendix C).
var placeWords = []roleWords{
	{streetBefore, `rue avenue av ave boulevard bd bvd blvd allée allee place quai chemin impasse cours route ruelle passage via viale
		vialetto vicolo corso piazza piazzale largo strada contrada calle c cl calleja carrera cra avenida avda paseo pza plaza
		plazuela ronda travesía camino carretera carrer avinguda passeig rua r travessa rampa chaussée tv praça praca alameda estrada rodovia
		largo rúa ulica ul aleja al aleje plac pl osiedle os náměstí nám ulice třída nábřeží trg cesta strada str bulevardul bd
		calea aleea piața jalan jl lebuh lorong đường duong phố улица ул проспект пр просп переулок пер бульвар площадь шоссе
		вулиця вул λεωφόρος λεωφ οδός leoforos odos vía ctra glorieta callejón pasaje psje pje calzada cerrada circuito diagonal
		transversal autopista prolongación jirón jr cll kra kr ladeira beco viela praceta calçada vle vico salita lungarno lungotevere
		sentier villa faubourg fg esplanade promenade straße strasse șoseaua șos splaiul intrarea bulevard bulevar jln
		persiaran gang ngõ hẻm soi thanon rondo skwer bulwar набережная наб проезд тупик аллея провулок пров площа бул бульв
		na pod nad`},
	{streetBehind, `street st str road rd avenue ave av lane ln drive dr boulevard blvd court ct place pl square sq plaza terrace ter
		crescent cres highway hwy parkway pkwy close gardens grove way alley circle cir trail trl walk row mews hill rise quay
		turnpike pike bypass freeway fwy expressway route esplanade parade promenade crossing loop ridge view vista green
		heights manor mall pass path point run spur track vale wharf strand embankment straße strasse straat gasse weg allee
		platz ring damm ufer steig chaussee laan plein gracht kade singel dreef dijk utca u út útja tér tere körút krt köz
		sétány gata gatan gate gt väg vägen vej vejen vei veien gade torg torget allé plads markt tie katu kuja polku caddesi cad cd
		sokak sokağı sk bulvarı blv mahallesi mah tänav tn mnt maantee pst puiestee tee iela gatvė g nagar marg salai chowk chome enparantza kalea trg
		ulice cesta ulica extensions extension улица ул проспект переулок бульвар шоссе náměstí nám třída nábřeží площадь площа
		cadde bulvar sok mahalle ulitsa prospekt pereulok bulvar vulytsia shosse naberezhnaya daero bazaar bazar colony layout enclave
		stravenue causeway viaduct apartments residency towers society chambers arcade`},
	{streetVague, `court ct place pl square plaza terrace close gardens grove way walk row hill rise parade promenade crossing loop ridge
		view vista green heights manor mall pass path point run spur track vale wharf strand ring damm ufer tie g u c dr st av
		circle trail alley route extension extensions gate park tere trg mah cd sk pike tee r via cours cl largo passage pl os al
		tv strada villa gang diagonal transversal circuito pasaje esplanade na pod nad soi lk colony layout enclave bazar bazaar
		sok apartments residency towers society chambers arcade`},
	{boxes, `box pob po postbox postfach postboks postbus postilokero apartado casilla bp boîte boite psc cmr unit locked skr skrytka`},
	{boxVague, `unit box`},
	{units, `apt apartment suite ste unit flat floor fl room rm wohnung whg etage stock piso pta puerta planta esc depto dpto
		appartement appt app bât bat bâtiment interno int scala lok lokal m byt mieszkanie og dg ug eg kat daire d apto andar bloco sala
		lägenhet lgh leil building bldg block tower lot кв квартира корп корпус оф офис эт этаж под подъезд стр строение plot blk
		level lvl shop bl sc ap et apart lok lakás em emelet ajtó departamento dto izq izqda dcha esq tv th mf
		sal plano porta bus bte esca hsn phòng tầng căn cs unitate stiege tür top`},
	{directions, `north south east west n s e w ne nw se sw northeast northwest southeast southwest nord süd ost ouest est sud norte sur
		este oeste new old upper lower great little st saint san santa sant são sainte los las la le el alte neue kleine große
		grosse`},
	{placeFirst, `new people old upper lower port fort mount lake cape bad san santa são saint sainte st north south east west central
		republic united the isle iron spring springs point bay beach city hill hills park valley grand great ciudad
		cidade tower rio buenos puerto porto belo nova novo nueva nuevo villa ville vila monte bela tel addis kuala hong den`},
	{placeSmall, `of and on upon under am im an der ob bei sur sous en lès les de del d do da dos das la na nad pod v`},
	{states, `al ak az ar ca co ct de dc fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri
		sc sd tn tx ut vt va wa wv wi wy pr aa ae ap nsw vic qld tas act nt sa ab bc mb nb nl ns on pe qc sk yt usa us uk ue uae
		rj sp mg rs sc ba ce df es go`},
	{addressWords, `adres adress`}, //nolint:misspell // Dutch, Polish and Swedish
	{addressWords, `address addresses lives live lived living located location office residing resides reside residence resident
		delivery shipping billing mailing postal headquarters based adresse adressen anschrift wohnhaft wohnt wohne wohnen
		rechnungsadresse lieferadresse habite domicilié domicile siège dirección direccion domicilio vive vivo indirizzo
		residente residenza abita abito woont adresa bydliště zamieszkały mieszka mieszkam morada moro mora endereço reside bor
		bosted bopæl osoite asuu adresi cím lakcím адрес проживает живу адреса alamat`},
	{sending, `moved house deliver ship send sent mail mailed taxi cab meet arrived return where home`},
	{codes, `zip zipcode postcode postalcode postal plz postleitzahl npa cap pin pincode cep psč irányítószám postnummer postinumero`},
	{codeLinks, `code number no nr num is ist est es è postale`},
	{forces, `apo fpo dpo`},
	{numberWords, `no nr nro nº n num núm número numéro numero número number hnr house дом д буд будинок dom č čp čís n° số`},
	{numberEnds, `bis ter quater quinquies`},
	{streetOpen, `am an unter auf im in zum zur hinter vor neben bei beim na nad pod pri przy za`},
	{streetSmall, `do des dos das aux au à sur sous les lès dei delle dell degli alla alle of the y i т кт`},
	{districts, `quận phường huyện ward district section sector phase stage zone zona km col colonia fracc barrio bairro urb urbanización
		quartier mahalle moo`},
	{cityWords, `г город с село пос пгт м місто смт гр tp thành phố kota`},
	{counted, `table tableau tabelle tabla tabella figure fig abb abbildung chapter chapitre kapitel capítulo section abschnitt page
		pages seite step item line article artikel art vol volume episode season question number version release sprint phase
		part teil exercise example appendix act scene verse psalm room level week day year class grade round game match
		top lesson unit module task issue note rule option type model series`},
	{numberThen, `en em и і et e y und w we i u og och ja az à`},
	{placeEnds, `ku shi cho machi ken fu gun mura gu dong si do ro gil myeon eup`},
	{streetVague, `jr`},
	{houses, `cottage cottages house farm farmhouse lodge rectory vicarage manor hall barn mill croft villa grange bungalow chapel court
		hill view oast stables forge priory parsonage schoolhouse`},
	{quarters, `mah mahallesi mahalle mh`},
	{streetBehind, `ro gil`},
	{streetVague, `ro gil`},
}

// streetEnds are what names of streets that are one word end in.
var streetEnds = []string{
	"straße", "strasse", "straat", "gasse", "allee", "platz", "weg", "ufer", "damm", "gracht", "laan", "plein", "kade", "singel", "dreef", "markt",
	"gata", "gatan", "gaten", "vägen", "vegen", "veien", "vej", "vejen", "gade", "stræde", "stigen", "torget", "katu", "kuja", "polku", "raitti", "tie",
	"utca", "bulvarı", "caddesi", "sokağı", "str",
}
