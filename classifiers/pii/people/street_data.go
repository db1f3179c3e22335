package people

import "github.com/sluice-proxy/sluice/classifiers"

var (
	letterP  = classifiers.HashWord("p")
	letterO  = classifiers.HashWord("o")
	unitWord = classifiers.HashWord("unit")
	boxWord  = classifiers.HashWord("box")
	unitSign = classifiers.HashWord("#")
)

// placeWords are words of addresses, by the languages and postal services that have
// them (Universal Postal Union, addressing guides by country; USPS Publication 28,
// appendix C).
var placeWords = []roleWords{
	{streetBefore, `rue avenue av ave boulevard bd bvd blvd allée allee place quai chemin impasse cours route ruelle passage via viale
		vialetto vicolo corso piazza piazzale largo strada contrada calle c cl calleja carrera cra avenida avda paseo pza plaza
		plazuela ronda travesía camino carretera carrer avinguda passeig rua r travessa tv praça praca alameda estrada rodovia
		largo rúa ulica ul aleja al aleje plac pl osiedle os náměstí nám ulice třída nábřeží trg cesta strada str bulevardul bd
		calea aleea piața jalan jl lebuh lorong đường duong phố улица ул проспект пр просп переулок пер бульвар площадь шоссе
		вулиця вул λεωφόρος λεωφ οδός leoforos odos pod na`},
	{streetBehind, `street st str road rd avenue ave av lane ln drive dr boulevard blvd court ct place pl square sq plaza terrace ter
		crescent cres highway hwy parkway pkwy close gardens grove way alley circle cir trail trl walk row mews hill rise quay
		turnpike pike bypass freeway fwy expressway route esplanade parade promenade crossing loop ridge view vista green
		heights manor mall pass path point run spur track vale wharf strand embankment straße strasse straat gasse weg allee
		platz ring damm ufer steig chaussee laan plein gracht kade singel dreef dijk utca u út útja tér tere körút krt köz
		sétány gata gatan gate gt väg vägen vej vejen vei veien gade torg torget allé plads tie katu kuja polku caddesi cad cd
		sokak sokağı sk bulvarı blv mahallesi mah tänav tn tee iela gatvė g nagar marg salai chowk chome enparantza kalea trg
		ulice cesta ulica extensions extension улица ул проспект переулок бульвар шоссе`},
	{streetVague, `court ct place pl square plaza terrace close gardens grove way walk row hill rise parade promenade crossing loop ridge
		view vista green heights manor mall pass path point run spur track vale wharf strand ring damm ufer tie g u c dr st av
		circle trail alley route extension extensions gate park tere trg mah cd sk pike tee`},
	{boxes, `box pob po postbox postfach postboks postbus postilokero apartado casilla bp boîte boite psc cmr unit locked skr skrytka`},
	{units, `apt apartment suite ste unit flat floor fl room rm wohnung whg etage stock piso pta puerta planta esc depto dpto
		appartement appt app bât bat bâtiment interno int scala lok lokal m byt mieszkanie kat daire d apto andar bloco sala
		lägenhet lgh leil building bldg block tower lot кв квартира корп`},
	{directions, `north south east west n s e w ne nw se sw northeast northwest southeast southwest nord süd ost ouest est sud norte sur
		este oeste new old upper lower great little st saint san santa sant são sainte los las la le el alte neue kleine große
		grosse`},
	{placeFirst, `new people old upper lower port fort mount lake cape bad san santa são saint sainte st north south east west central
		republic united the isle iron spring springs point bay beach city hill hills park valley grand great`},
	{placeSmall, `of and on upon under am im an der ob bei sur sous en lès les de del d do da dos la na nad pod v`},
	{states, `al ak az ar ca co ct de dc fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri
		sc sd tn tx ut vt va wa wv wi wy pr aa ae ap nsw vic qld tas act nt sa ab bc mb nb nl ns on pe qc sk yt usa us uk ue uae
		rj sp mg`},
	{addressWords, `adres adress`}, //nolint:misspell // Dutch, Polish and Swedish
	{addressWords, `address addresses lives live lived living located location office residing resides reside residence resident 		delivery shipping billing mailing postal 		headquarters based adresse adressen anschrift wohnhaft wohnt wohne wohnen rechnungsadresse lieferadresse habite
		domicilié domicile siège dirección direccion domicilio vive indirizzo residente residenza abita woont adresa
		bydliště zamieszkały mieszka morada endereço reside bor bosted bopæl osoite asuu adresi cím lakcím адрес
		проживает`},
	{sending, `moved house deliver ship send sent mail mailed taxi cab meet arrived return where home`},
	{codes, `zip zipcode postcode postalcode postal plz postleitzahl npa cap pin pincode cep psč irányítószám postnummer postinumero`},
	{codeLinks, `code number no nr num is ist est es è postale`},
	{forces, `apo fpo dpo`},
	{units, "#"},
}

// streetEnds are what names of streets that are one word end in.
var streetEnds = []string{
	"straße", "strasse", "straat", "gasse", "allee", "platz", "weg", "ufer", "damm", "gracht", "laan", "plein", "kade", "singel", "dreef", "markt",
	"gata", "gatan", "gaten", "vägen", "vegen", "veien", "vej", "vejen", "gade", "stræde", "stigen", "torget", "katu", "kuja", "polku", "raitti", "tie",
	"utca", "bulvarı", "caddesi", "sokağı", "str",
}
