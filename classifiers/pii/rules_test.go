package pii_test

import (
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/pii"
)

func rule(name, entity string, yes []classifierstest.Example, no ...classifierstest.Example) classifierstest.Rule {
	return classifierstest.Rule{Name: name, Entity: entity, True: yes, False: no}
}

// yes makes true examples: "text => value", or a text that is the value.
func yes(texts ...string) []classifierstest.Example {
	var all []classifierstest.Example
	for _, t := range texts {
		text, value, ok := strings.Cut(t, " => ")
		if !ok {
			value = text
		}
		all = append(all, classifierstest.Example{Text: text, Value: value})
	}
	return all
}

// alone makes examples that hold only where they are all of the text.
func alone(examples []classifierstest.Example) []classifierstest.Example {
	for i := range examples {
		examples[i].Why = "alone"
	}
	return examples
}

func no(text, why string) classifierstest.Example {
	return classifierstest.Example{Text: text, Why: why}
}

var rules = []classifierstest.Rule{
	rule("email", "EMAIL_ADDRESS", yes(
		"nadia.weber@brightfield.example",
		"write to <nadia@brightfield.example>. => nadia@brightfield.example",
		"mailto:nadia@brightfield.example => nadia@brightfield.example",
		"Nadia.Weber+invoices@Mail.Brightfield.Example",
		"o'neill@brightfield.example",
		"nadia_weber@brightfield.co.uk",
		"?a=1&email=nadia@brightfield.example&b=2 => nadia@brightfield.example",
		"https://brightfield.example/?to=nadia@mail.example => nadia@mail.example",
		"to=nadia%40brightfield.example => nadia%40brightfield.example",
		"x%2Cnadia@brightfield.example => nadia@brightfield.example",
		"jörg@bücher.example",
		"иван@почта.рф",
		"nadia@xn--bcher-kva.example",
		"nadia@brightfield.xn--p1ai",
		"'nadia@brightfield.example', => nadia@brightfield.example",
		"nadia@brightfield.example,piotr@mail.example => piotr@mail.example",
		"ask nadia@brightfield.example: she knows => nadia@brightfield.example",
		"nadia@brightfield.example\\nThanks => nadia@brightfield.example",
	),
		no("noreply@brightfield.example", "a sender that is nobody"), no("Postmaster@brightfield.example", "a duty"),
		no("nadia@localhost", "no top-level domain"),
		no("@decorator.route", "no local part"),
		no("logo@2x.png", "a file"),
		no("logo@2x.example", "a file"),
		no("left-pad@1.3.0", "a version"),
		no("A@B.transpose()", "code"),
		no("a@b.T", "code"),
		no("git@code.example:group/project.git", "a git remote"),
		no("https://nadia@brightfield.example/path", "the user of a URL"),
		no("postgres://app:hunter2@db.brightfield.example:5432/x", "the password of a URL"),
		no("handler@index.js", "a file"),
		no("nadia.@brightfield.example", "a point in front of the sign"),
		no("nadia..weber@brightfield.example", "two points"),
		no("nadia@-brightfield-.example-", "labels with hyphens at their ends"),
		no("user @ example.com", "spaces"),
	),
	rule("iban", "IBAN_CODE", yes(
		"DE89370400440532013000",
		"DE89 3704 0044 0532 0130 00",
		"de89 3704 0044 0532 0130 00",
		"GB29 NWBK 6016 1331 9268 19",
		"GB29-NWBK-6016-1331-9268-19",
		"FR14 2004 1010 0505 0001 3M02 606",
		"IBAN:NL91ABNA0417164300, BIC => NL91ABNA0417164300",
		"CH93\u00a00076\u00a02011\u00a06238\u00a05295\u00a07",
		"NO9386011117947",
		"MT84MALT011000012345MTLCAST001S",
		"PL61 1090 1014 0000 0712 1981 2874 and => PL61 1090 1014 0000 0712 1981 2874",
	),
		no("DE89370400440532013001", "wrong check digits"),
		no("DE8937040044053201300", "too short"),
		no("DE893704004405320130000", "too long"),
		no("XX89370400440532013000", "no country"),
		no("XDE89370400440532013000", "inside a word"),
		no("GB29 1234 6016 1331 9268 19", "digits where the country has letters"),
		no("DE89 3704 0044\n\n\n0532 0130 00", "two paragraphs"),
	),
	rule("us-ssn", "US_SSN", yes(
		"536-22-1047",
		"my SSN is 536 22 1047 => 536 22 1047",
		"social security number: 536221047 => 536221047",
		"ssn=536221047 => 536221047",
		"userSsn 536221047 => 536221047",
		"\"SSN\": 536.22.1047 => 536.22.1047",
	),
		no("000-22-1047", "area 000"), no("666-22-1047", "area 666"), no("936-22-1047", "area over 899"),
		no("536-00-1047", "group 00"), no("536-22-0000", "serial 0000"),
		no("536221047", "nine digits alone"),
		no("536 22 1047", "spaces and no word"),
		no("1536-22-1047", "a longer number"), no("536-22-10471", "a longer number"),
		no("A536-22-1047", "an identifier"), no("12-536-22-1047", "a longer number"),
		no("536-22-1047-3", "a longer number"),
		no("classsn 536221047", "the word inside another"),
	),
	rule("crypto", "CRYPTO", yes(
		"pay 1Q1pE5vPGEEMqRcVRMbtBK842Y6Pzo6nK9 now => 1Q1pE5vPGEEMqRcVRMbtBK842Y6Pzo6nK9",
		"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
		"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
		"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
	),
		no("1Q1pE5vPGEEMqRcVRMbtBK842Y6Pzo6nK8", "wrong check bytes"),
		no("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "wrong check characters"),
		no("x1Q1pE5vPGEEMqRcVRMbtBK842Y6Pzo6nK9", "inside a word"),
	),
	rule("date-of-birth", "DATE_OF_BIRTH", yes(
		"DOB: 03/12/1980 => 03/12/1980",
		"date of birth 1980-12-03 => 1980-12-03",
		"Geburtsdatum: 3.12.1980 => 3.12.1980",
		"geboren am 3. Dezember 1980 => 3. Dezember 1980",
		"she was born on March 12, 1980 => March 12, 1980",
		"née le 1er août 1980 => 1er août 1980",
		"nacido el 3 de marzo de 1980 => 3 de marzo de 1980",
		"{'dateOfBirth': '1980-12-03'} => 1980-12-03",
		"生年月日：1980-12-03 => 1980-12-03",
		"дата рождения 03.12.1980 => 03.12.1980",
		"生年月日：1980年12月3日 => 1980年12月3日",
		"출생 생년월일 1980년 12월 3일입니다 => 1980년 12월 3일",
		"Nadia Weber, 03.12.1980 г.р. => 03.12.1980",
		"id,city,contract,size,dob\n4,Bergen,2020-01-05,L,1980-12-03\n => 1980-12-03",
		"Name;Ort;Strasse;Geburtsdatum\nWeber;Hof;Am Bach;x\nVogt;Ulm;Im Tal;03.12.1980 => 03.12.1980",
	),
		no("due 03/12/1980", "no word"), no("dob 2026-13-41", "no date"), no("born 3.12.1980.4", "a version"), no("born in 1980", "a year"),
		no("id;dob;since\n7;x;2020-01-05", "another column"), no("生年月日 2026年13月3日", "no month"),
		no("stubborn 03/12/1980", "the word inside another"),
	),
	rule("mac", "MAC_ADDRESS", yes(
		"00:1b:63:84:45:e6",
		"MAC: 00-1B-63-84-45-E6 => 00-1B-63-84-45-E6",
		"hardware address 00:11:63:84:45:62 => 00:11:63:84:45:62",
		"ether 001b.6384.45e6 => 001b.6384.45e6",
		"interface AA:BB:CC:DD:EE:FE => AA:BB:CC:DD:EE:FE",
	),
		no("00:1b:63:84:45", "five groups"), no("00:1b:63:84:45:e6:01", "seven groups"), no("ff:ff:ff:ff:ff:ff", "everybody"),
		no("00:11:63:84:45:62", "digits only and no word"), no("00:1b:63-84:45:e6", "two separators"), no("001b.6384.45e6", "no word"),
	),
	rule("ipv4", "IP_ADDRESS", yes(
		"203.0.113.77",
		"ping 10.0.0.5 => 10.0.0.5",
		"http://192.168.4.20:8080/x => 192.168.4.20",
		"allow 198.51.100.0/24 => 198.51.100.0",
		"203.0.113.77. => 203.0.113.77",
		"[203.0.113.77] => 203.0.113.77",
		"the host 8.8.4.4 => 8.8.4.4",
		"the interface 10.0.1.40/27 => 10.0.1.40",
		"route 192.168.4.64/25 => 192.168.4.64",
	),
		no("version 10.15.200.1", "a version"), no("v203.0.113.77", "a version"), no("Chrome/120.0.60.99", "a version"),
		no("1.2.3.4", "numbers of sections"), no("see section 4.3.2.1", "a section"),
		no("127.0.0.1", "loopback"), no("0.0.0.0", "unspecified"), no("255.255.255.0", "a mask"),
		no("203.0.113.256", "no octet"), no("203.0.113.077", "a leading zero"),
		no("1.3.6.1.4.1.311", "an object identifier"), no("203.0.113", "three numbers"),
		no("203.0.113.77.5", "five numbers"), no("pkg-203.0.113.77", "a name"),
		no("vpc 10.0.0.0/16", "a network"), no("route 192.168.4.64/26", "a network"), no("from 172.20.0.0/14.", "a network"),
	),
	rule("ipv6", "IP_ADDRESS", yes(
		"2001:db8::8a2e:370:7334",
		"2001:0db8:0000:0000:0000:8a2e:0370:7334",
		"http://[2001:db8::1]:8443/ => 2001:db8::1",
		"fe80::1ff:fe23:4567:890a%eth0 => fe80::1ff:fe23:4567:890a",
		"::ffff:203.0.113.77 => ::ffff:203.0.113.77",
		"address 2001:db8:1::/48 => 2001:db8:1::",
		"from 2001:db8::17: refused => 2001:db8::17",
		"1:2:3:4:5:6:7:8",
	),
		no("::1", "loopback"), no("::", "unspecified"), no("std::vector", "C++"), no("ab::cd", "a name"),
		no("a[1::2]", "a slice"), no("12:30:45", "a time"), no("00:1a:2b:3c:4d:5e", "a hardware address"),
		no("aa:bb:cc:dd:ee:ff:00:11", "a hardware address"), no("dead::beef", "no digit"),
		no("x2001:db8::1", "inside a word"), no("2026-03-01T10:20:30", "a time"),
	),
	rule("phone-international", "PHONE_NUMBER", yes(
		"+14155550132",
		"+1 (415) 555-0132",
		"+49 30 901820",
		"+49 (0)30 901820",
		"+44 20 7946 0958",
		"+44 (0) 20 7946 0958",
		"+33 1 23 45 67 89",
		"+86 138 1234 5678",
		"+91-98765-43210",
		"+972-54-123-4567",
		"tel:+14155550132 => +14155550132",
		"phone 0049 30 901820 => 0049 30 901820",
		"call 011-44-20-7946-0958 => 011-44-20-7946-0958",
		"+44 20 7946 0958 2026 => +44 20 7946 0958",
		"(+44) 20 7946 0958 => (+44) 20 7946 0958",
	),
		no("+999 12345678", "no calling code"), no("+49 12", "too short"), no("+1 034 555 0132", "no area code"),
		no("3+14155550132", "a sum"), no("x+4930901820", "a sum"), no("+0.25", "a number"), no("+1 point", "a number"),
		no("0049 3090 1820", "no word nearby"),
	),
	rule("phone-nanp", "PHONE_NUMBER", yes(
		"(415) 555-0132",
		"415-555-0132",
		"415.555.0132",
		"(415)555-0132",
		"1-415-555-0132",
		"call 415 555 0132 => 415 555 0132",
		"fax: 415-555-0132x44 => 415-555-0132",
		"{'tel': '415-555-0132'} => 415-555-0132",
	),
		no("415 555 0132", "spaces and no word"), no("115-555-0132", "no area code"), no("911-555-0132", "no area code"),
		no("415-155-0132", "no exchange"), no("12-415-555-0132-7", "a longer number"), no("a415-555-0132", "an identifier"),
	),
	rule("phone-whole", "PHONE_NUMBER", alone(yes(
		"353861234567",
		"00447911123456",
	)),
		no("order 353861234567", "not alone"), no("353001234567", "no number of Ireland"), no("20261126043600", "a time"),
		no("4711471147", "not of a mobile telephone"), no("12025550147", "ten digits and a 1"),
	),
	rule("phone-national", "PHONE_NUMBER", yes(
		"020 7946 0958",
		"01 23 45 67 89",
		"0532 123 45 67",
		"030-12345678",
		"07700 900123",
		"(11) 91234-5678",
		"8 (912) 345-67-89",
		"138 1234 5678",
		"phone: 5550132 => 5550132",
		"my mobile number is 98765 43210 => 98765 43210",
		"电话：13812345678 => 13812345678",
		"телефон 345-67-89 => 345-67-89",
		"Telefon 030/901820 => 030/901820",
		"phoneNumber: \"4155550132\" => 4155550132",
		"668-57-02 mobile => 668-57-02",
		"HP: 0811-2233-4455 => 0811-2233-4455",
		"id;nombre;ciudad;fecha;direccion_completa;teléfono;estado\n1;Ana;Cádiz;lunes;Plaza Mayor, junto a la fuente grande;655218340;activo => 655218340",
		"668-57-02 (mobile), 4. Stock => 668-57-02",
		"668-57-02-office, 668-57-03-fax => 668-57-02",
	),
		no("5550132", "seven digits alone"), no("98765 43210", "no word"), no("4155550132", "no word"),
		no("01 02 03 04 05 06", "a longer row"), no("01-23-45-67-89-AB", "a hardware address"),
		no("call 2026-03-01", "a date"), no("call on 01.03.2026", "a date"), no("office 2019-2026", "years"),
		no("microphone 5550132", "the word inside another"), no("telegram 5550132", "the word inside another"),
		no("8 336 817 (2020)", "a year in brackets"), no("phone 0000000", "one digit only"), no("staff no. 4411882\nmobile", "a word of another line"), no("staff no. 44118823, mobile: 12", "a word in front of another number"), no("PerCallLimit = 1000000", "a round number"), no("call 1 2 3 4 5 6 7 8", "a row of digits"), no("call 12345", "too short"),
	),
}

func TestRules(t *testing.T) {
	c := pii.New()
	classifierstest.Rules(t, c, c.Rules(), append(numberRules(), rules...))
}

func TestContract(t *testing.T) {
	var seeds []string
	for i, r := range append(numberRules(), rules...) {
		if i%8 > 0 && i < len(numbers) {
			continue // some will do
		}
		for _, e := range r.True {
			seeds = append(seeds, e.Text)
		}
	}
	classifierstest.Contract(t, pii.New(), seeds)
}
