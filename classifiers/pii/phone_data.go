package pii

// phoneWords speak of telephone numbers.
var phoneWords = []string{
	// English
	"phone", "phones", "telephone", "tel", "mobile", "cell", "cellphone", "fax", "whatsapp", "call", "dial", "sms", "text me", "hotline", "landline", "ph",
	"desk", "office", "reach me", "reach us", "reach him", "reach her", "reach them", "answering", "pager", "voicemail", "msisdn", "ring me", "ring her", "ring him", "contact no", "contact number",
	// German, Dutch, Scandinavian, Finnish
	"telefon", "telefonnummer", "rufnummer", "handy", "handynummer", "mobil", "mobilnummer", "durchwahl", "anrufen", "telefoon", "telefoonnummer", "bel", "mobiel", "telefonnr", "rückruf", "puhelin", "puh", "tlf", "tlf nr", "mob", "gsm", "natel", "fon", "tel nr",
	// French, Spanish, Portuguese, Italian, Romanian
	"téléphone", "tél", "portable", "appelez", "appeler", "teléfono", "telefono", "móvil", "movil", "celular", "llamar", "llame", "telefone", "telemóvel", "ligar", "cellulare", "chiamare", "chiama", "telefonul", "cel", "celulares", "fono", "fijo", "tfno", "tlfn", "rappelle", "rappeler", "fixe",
	// Polish, Czech, Hungarian, Turkish, Greek
	"telefonu", "komórka", "zadzwoń", "mobilní", "telefonszám", "cep", "cep telefonu", "numaram", "τηλέφωνο", "τηλ", "κινητό", "κιν",
	// Russian, Ukrainian
	"телефон", "телефона", "тел", "моб", "мобильный", "позвоните", "звоните", "факс", "номер телефона",
	// Arabic, Hebrew, Hindi, Vietnamese, Indonesian
	"هاتف", "جوال", "טלפון", "फोन", "मोबाइल", "điện thoại", "sđt", "telepon", "telp", "nomor hp", "no hp", "hp no", "no telp", "điện thoại di động",
	// Chinese, Japanese, Korean, Thai
	"电话", "電話", "手机", "手機", "携帯", "전화", "휴대폰", "โทร",
}

// phoneForm is a way in which a country writes numbers that is hardly used for
// anything else: sizes of the groups (9: nine and more), first digits, and the
// digits that may follow them.
type phoneForm struct {
	Sizes, Lead, Then string
	Brackets          bool
}

const notZero = "123456789"

var phoneForms = []phoneForm{
	{"22222", "0", notZero, false}, // France: 01 23 45 67 89
	{"344", "0", notZero, false},   // United Kingdom, Japan, Korea, China: 020 7946 0958
	{"434", "0", notZero, false},   // United Kingdom: 0161 496 0123
	{"433", "0", notZero, false},   // Australia, Ireland: 0412 345 678
	{"244", "0", notZero, false},   // Australia, Japan: 03 1234 5678
	{"334", "0", notZero, false},   // South Africa, Italy: 082 123 4567
	{"56", "0", notZero, false},    // United Kingdom: 07700 900123
	{"533", "0", notZero, false},   // United Kingdom: 07700 900 123
	{"4322", "0", notZero, false},  // Turkey: 0532 123 45 67
	{"3322", "0", notZero, false},  // Switzerland, Sweden: 079 123 45 67
	{"13322", "0", notZero, false}, // Turkey: 0 532 123 45 67
	{"13322", "8", "3489", false},  // Russia: 8 (912) 345-67-89
	{"37", "0", notZero, false},    // Germany, Netherlands: 030 1234567
	{"38", "0", notZero, false},    // Germany: 030 12345678
	{"47", "0", notZero, false},    // Germany: 0171 1234567
	{"48", "0", notZero, false},    // Germany, China: 0171 12345678
	{"28", "0", "6", false},        // Netherlands: 06 12345678
	{"4222", "0", notZero, false},  // Belgium, Netherlands: 0470 12 34 56
	{"3222", "0", notZero, false},  // Belgium: 012 34 56 78
	{"344", "1", "3456789", false}, // China, mobile: 138 1234 5678
	{"444", "0", "8", false},       // Indonesia, mobile: 0812-3456-7890
	{"254", "", notZero, true},     // Brazil: (11) 91234-5678
	{"244", "", notZero, true},     // Brazil, Mexico: (11) 1234-5678
	{"344", "", "2345678", true},   // (212) 5550 0100
	{"3322", "", "3456789", true},  // Russia, Ukraine: (912) 345-67-89
}

// callingCodes are the country calling codes with the least and the most digits
// that follow. Sources: ITU-T E.164 list of country codes (Operational Bulletin)
// and the national numbering plans filed with it.
var callingCodes = map[string][2]int{
	"1": {10, 10}, "7": {10, 10},
	"20": {8, 10}, "27": {9, 9}, "30": {10, 10}, "31": {9, 9}, "32": {8, 9}, "33": {9, 9}, "34": {9, 9}, "36": {8, 9}, "39": {6, 11},
	"40": {9, 9}, "41": {9, 9}, "43": {7, 13}, "44": {7, 10}, "45": {8, 8}, "46": {7, 10}, "47": {8, 8}, "48": {9, 9}, "49": {6, 13},
	"51": {8, 9}, "52": {10, 11}, "53": {6, 8}, "54": {10, 11}, "55": {10, 11}, "56": {9, 9}, "57": {8, 10}, "58": {10, 10},
	"60": {8, 10}, "61": {9, 9}, "62": {8, 12}, "63": {8, 10}, "64": {8, 10}, "65": {8, 8}, "66": {8, 9},
	"81": {9, 10}, "82": {8, 11}, "84": {9, 10}, "86": {9, 12}, "90": {10, 10}, "91": {10, 10}, "92": {9, 10}, "93": {9, 9}, "94": {9, 9}, "95": {7, 10}, "98": {10, 10},
	"211": {9, 9}, "212": {9, 9}, "213": {8, 9}, "216": {8, 8}, "218": {8, 9}, "220": {7, 7}, "221": {9, 9}, "222": {8, 8}, "223": {8, 8}, "224": {8, 9},
	"225": {8, 10}, "226": {8, 8}, "227": {8, 8}, "228": {8, 8}, "229": {8, 10}, "230": {7, 8}, "231": {7, 9}, "232": {8, 8}, "233": {9, 9}, "234": {8, 10},
	"235": {8, 8}, "236": {8, 8}, "237": {8, 9}, "238": {7, 7}, "239": {7, 7}, "240": {9, 9}, "241": {7, 8}, "242": {9, 9}, "243": {9, 9}, "244": {9, 9},
	"245": {7, 9}, "246": {7, 7}, "247": {5, 6}, "248": {7, 7}, "249": {9, 9}, "250": {9, 9}, "251": {9, 9}, "252": {7, 9}, "253": {8, 8}, "254": {9, 10},
	"255": {9, 9}, "256": {9, 9}, "257": {8, 8}, "258": {8, 9}, "260": {9, 9}, "261": {9, 9}, "262": {9, 9}, "263": {8, 10}, "264": {7, 9}, "265": {7, 9},
	"266": {8, 8}, "267": {7, 8}, "268": {8, 8}, "269": {7, 7}, "290": {4, 5}, "291": {7, 7}, "297": {7, 7}, "298": {6, 6}, "299": {6, 6},
	"350": {8, 8}, "351": {9, 9}, "352": {6, 11}, "353": {7, 9}, "354": {7, 9}, "355": {8, 9}, "356": {8, 8}, "357": {8, 8}, "358": {6, 11}, "359": {7, 9},
	"370": {8, 8}, "371": {8, 8}, "372": {7, 8}, "373": {8, 8}, "374": {8, 8}, "375": {9, 9}, "376": {6, 9}, "377": {8, 9}, "378": {6, 10}, "379": {6, 10},
	"380": {9, 9}, "381": {8, 9}, "382": {8, 8}, "383": {8, 9}, "385": {8, 9}, "386": {8, 8}, "387": {8, 8}, "389": {8, 8},
	"420": {9, 9}, "421": {9, 9}, "423": {7, 9}, "500": {5, 5}, "501": {7, 7}, "502": {8, 8}, "503": {8, 8}, "504": {8, 8}, "505": {8, 8}, "506": {8, 8},
	"507": {7, 8}, "508": {6, 6}, "509": {8, 8}, "590": {9, 9}, "591": {8, 8}, "592": {7, 7}, "593": {8, 9}, "594": {9, 9}, "595": {9, 9}, "596": {9, 9},
	"597": {6, 7}, "598": {8, 8}, "599": {7, 8}, "670": {7, 8}, "672": {6, 6}, "673": {7, 7}, "674": {7, 7}, "675": {7, 8}, "676": {5, 7}, "677": {5, 7},
	"678": {5, 7}, "679": {7, 7}, "680": {7, 7}, "681": {6, 6}, "682": {5, 5}, "683": {4, 7}, "685": {5, 7}, "686": {8, 8}, "687": {6, 6}, "688": {5, 7},
	"689": {8, 8}, "690": {4, 7}, "691": {7, 7}, "692": {7, 7}, "850": {8, 10}, "852": {8, 8}, "853": {8, 8}, "855": {8, 9}, "856": {8, 10}, "880": {8, 10},
	"886": {8, 9}, "960": {7, 7}, "961": {7, 8}, "962": {8, 9}, "963": {8, 9}, "964": {8, 10}, "965": {8, 8}, "966": {8, 9}, "967": {7, 9}, "968": {8, 8},
	"970": {8, 9}, "971": {8, 9}, "972": {8, 9}, "973": {8, 8}, "974": {8, 8}, "975": {7, 8}, "976": {8, 8}, "977": {8, 10}, "992": {9, 9}, "993": {8, 8},
	"994": {9, 9}, "995": {9, 9}, "996": {9, 9}, "998": {9, 9},
}

// callingCode returns the length of the calling code with which digits begin and
// how many digits may follow it; length 0 when there is none.
func callingCode(digits string) (length, lo, hi int) {
	for length = min(3, len(digits)); length > 0; length-- {
		if r, ok := callingCodes[digits[:length]]; ok {
			return length, r[0], r[1]
		}
	}
	return 0, 0, 0
}
