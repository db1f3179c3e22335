package pci

// issuer is a range of first digits. First and Last have the same length.
// Lengths need no more evidence; Context lengths need a word about cards nearby.
// Of several ranges that have the length, the first counts.
// Sources: ISO/IEC 7812-1 ranges as the schemes publish them (Visa, Mastercard,
// American Express, Discover and Diners Club "BIN range" bulletins, UnionPay,
// JCB, Mir and RuPay acceptance guides).
type issuer struct {
	Rule        string
	First, Last string
	Lengths     []int
	Context     []int
}

var (
	long    = []int{16, 17, 18, 19}
	sixteen = []int{16}
)

// issuers lists the ranges.
var issuers = []issuer{
	{"visa", "4", "4", []int{16}, []int{13, 19}},
	{"mastercard", "51", "55", sixteen, nil},
	{"mastercard", "2221", "2720", sixteen, nil},
	{"american-express", "34", "34", []int{15}, nil},
	{"american-express", "37", "37", []int{15}, nil},
	{"discover", "6011", "6011", []int{16}, []int{17, 18, 19}},
	{"discover", "644", "649", []int{16}, []int{17, 18, 19}},
	{"discover", "65", "65", []int{16}, []int{17, 18, 19}},
	{"diners-club", "300", "305", []int{14}, []int{16, 17, 18, 19}},
	{"diners-club", "3095", "3095", []int{14}, []int{16, 17, 18, 19}},
	{"diners-club", "36", "36", []int{14}, []int{16, 17, 18, 19}},
	{"diners-club", "38", "39", []int{14}, []int{16, 17, 18, 19}},
	{"jcb", "3528", "3589", []int{16}, []int{17, 18, 19}},
	{"jcb", "1800", "1800", nil, []int{15}},
	{"jcb", "2131", "2131", nil, []int{15}},
	{"unionpay", "62", "62", long, nil},
	{"unionpay", "81", "81", nil, long},
	{"mir", "2200", "2204", []int{16}, []int{17, 18, 19}},
	{"maestro", "5018", "5018", []int{16}, []int{12, 13, 14, 15, 17, 18, 19}},
	{"maestro", "5020", "5020", []int{16}, []int{12, 13, 14, 15, 17, 18, 19}},
	{"maestro", "5038", "5038", []int{16}, []int{12, 13, 14, 15, 17, 18, 19}},
	{"maestro", "5893", "5893", []int{16}, []int{12, 13, 14, 15, 17, 18, 19}},
	{"maestro", "6304", "6304", []int{16}, []int{12, 13, 14, 15, 17, 18, 19}},
	{"maestro", "6759", "6759", []int{16}, []int{12, 13, 14, 15, 17, 18, 19}},
	{"maestro", "6761", "6763", []int{16}, []int{12, 13, 14, 15, 17, 18, 19}},
	{"maestro", "6799", "6799", []int{16}, []int{12, 13, 14, 15, 17, 18, 19}},
	{"dankort", "5019", "5019", sixteen, nil},
	{"verve", "506099", "506198", []int{16}, []int{18, 19}},
	{"elo", "509000", "509999", sixteen, nil},
	{"elo", "636297", "636297", sixteen, nil},
	{"elo", "636368", "636368", sixteen, nil},
	{"hipercard", "606282", "606282", sixteen, nil},
	{"rupay", "60", "60", nil, sixteen},
	{"rupay", "508", "508", nil, sixteen},
	{"rupay", "82", "82", nil, sixteen},
	{"instapayment", "637", "639", nil, sixteen},
	{"troy", "9792", "9792", sixteen, nil},
	{"humo", "9860", "9860", nil, sixteen},
	{"uzcard", "8600", "8600", nil, sixteen},
	{"uatp", "1", "1", nil, []int{15}},
	{"maestro", "50", "50", nil, []int{12, 13, 14, 15, 16, 17, 18, 19}},
	{"maestro", "56", "58", nil, []int{12, 13, 14, 15, 16, 17, 18, 19}},
	{"maestro", "6", "6", nil, []int{12, 13, 14, 15, 16, 17, 18, 19}},
}

// words near a number that speak of cards.
var words = []string{
	// English
	"card", "cards", "credit card", "debit card", "creditcard", "cc", "ccn", "cardnumber", "pan", "visa", "mastercard", "maestro",
	"amex", "american express", "discover", "diners", "jcb", "unionpay", "rupay", "mir", "cvv", "cvc", "expiry", "expires", "exp", "payment", "uatp",
	// German, Dutch, Scandinavian
	"karte", "kreditkarte", "kartennummer", "kreditkartennummer", "prüfziffer", "kaart", "creditcardnummer", "kort", "kortnummer", "kreditkort", "luottokortti",
	// French, Spanish, Portuguese, Italian, Romanian
	"carte", "carte bancaire", "carte bleue", "tarjeta", "cartão", "cartao", "carta di credito", "carta", "numero di carta", "cardul",
	// Polish, Czech, Russian, Ukrainian, Turkish
	"karta", "karty", "kartou", "карта", "карты", "картой", "картка", "картки", "kart", "kartı", "kredi kartı",
	// Chinese, Japanese, Korean, Thai, Hindi, Arabic, Hebrew
	"卡号", "信用卡", "银行卡", "信用卡號", "カード", "카드", "บัตรเครดิต", "कार्ड", "بطاقة", "כרטיס",
}
