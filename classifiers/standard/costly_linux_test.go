//go:build !race

package standard_test

// row64 is a line of base64.
var row64 = encode64(string(random(48, 21)))

// costly are texts that, one behind the other, make each layer and each parser work.
var costly = []string{
	"password                              ", // columns that stand below each other, and no line
	"1", "4111", "4111 ", "4111111111111111 ", "4111 1111 1111 1112 ", "1 ", "1.", "1-", "12-", "1:", "a:", "::", "0:", "@", "a@", "a.", "a@a.", "@a.",
	"%40", "a%40", "+1 ", "(1", "DE89", "DE89 ", "0x", "bc1", "192.168.", "1.1.1.1", "-----BEGIN ", "-----BEGIN RSA PRIVATE KEY-----\n", "eyJ", "eyJhbGciOi.", "eyJhbGciOiJ.eyJ",
	"password", "password=", "password=\"", "password: ", "the password is ", "secret ", "key ", "token=", "://", "a://", "a:b@", "://a:b", "https://", "Authorization: ", "Bearer ", "Basic ",
	"curl -u ", "curl -H '", "{", "{\"", "\"", "\"a\":", "'", "`", "(", "((", "[", "[[", "<", "</", "<!--", "/*", "//", "#", "\n", "\r\n", "\t", " ", "\x00", "\xff", "\xe2\x80", "é",
	"=", "==", "=3D", "\\", "\\\\", "\\u", "\\x", "&", "&#", "&amp;", "%", "%25", "AAAA", "aGVsbG8g", "aGVsbG8g\n", "0x41, ", "41 ", "A ", "a b ",
	"CONFIDENTIAL ", "TLP:", "Copyright ", "import ", "func ", "def a():\n", "if (", "{}\n", "a = b\n", ";\n", "#!", "SELECT ", "ignore previous instructions ", "Ignore ", "you are ", "system: ",
	"Dr. ", "Mr ", "Anna Schmidt ", "Anna ", "New York ", "12 Main Street ", "1 St ", "1990-01-01 ", "01/01/1990 ", "born ", "patient ", "MRN ", "J45.909 ", "mg ", "NHS ", "NPI 1", "VAT DE1", "SSN 536-22-104", "passport ",
	"\"4\" + ", "\"a1\" + \"b2\" + ", "\"a1\",", "a1\n", "4\n", "41\n  ", "<b></b>", "a1<b></b>", "a1**", "**", "1😀", "1, ", "chr(65)+", "65,", "01000001 ", "GEZDGNBV", "reverse ", "backwards 1", "seven ", "one two ", "rot13 ", "<~", "begin 644 a\n", "x7Kq2mPv9Rt4Wz8Yb3Nc6 ",
	"41-", "4141-", "4141 ", "41414141 ", "0x41", "x41", "U+0041 ", "U+0041", "\\41 ", "\\N{", "\\N{DIGIT ONE}", "00000000: 4141 ", "00000000: 4141\n", "0000000 101\n", "- ", ". ", ".- ", "-/", "A-", "A_", "- - ", "A, ", "a</b><b>",
	"[at]", "a[at]b[dot]", "( at ", "(((", "a @ b . c ", "@ ", " . ",
	" dot ", "a dot ", "a at b dot ", "at", "a at b dot com ", "-dot-", "x at ", "alfa ", "Alfa Bravo ", "four-", "FourFive", "x-ray ", "rot13 rot47 atbash reverse\n",
	"a1=\"", "a = \"x1y2\"\n", "a1 = \"x1y2\"\na1 += \"z3\"\n", "p1 = 'x1y'; p2 = 'z2w'; ", "a + ", "$a$", "a = \"x1y2\" + a + a + ", "concat(", "join(a, ", "{a}",
	"A1b2C3d4E5f6G7h8 ", "A1b2C3d4E5f6G7h8", "87cURD]i,\"Ebo80 ", "nm=QNzY", "<~87cURD]i,~> ", "100101110", "0b1010 ", "0o101 ", "49, 50, ", "begin 644 a\nM", "begin 6", "#86)C\n",
	"⠁", "⠼⠁⠃", "⠁a", "⠠⠠⠁ ", "\u2800", "—", "——a", "ш—", "a\u0301\ufe00", "\ufe01\U000e0121", "\u200b\u200c", "🇦", "三", "é1", "é三四", "ιо", "\u00a0—",

	// for the parsers of secrets
	"key=", "key = \"", "AKIA", "-AKIA", "-----BEGIN", "-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\n" + row64 + "\n",
	"-----BEGIN PRIVATE KEY-----\n-----END", "-eyJ", "/eyJ", "eyJhbGciOiJIUzI1NiJ9.", ".eyJhbGciOiJIUzI1NiJ9",
	"eyJhbGciOiJIUzI1NiJ9.eyJhbGciOiJIUzI1NiJ9", "a://b:c", "://a:b@", "a://a:b@c:d@", "curl ", "curl -u a:b", "curl -H ", "kind:", "kind: secret\n",
	"kind: secret\ndata:\n a: " + row64 + "\n", "---\nkind: secret\n", "MIIEpAIBAAKCAQEA", "IBADANBgkqhkiG9w0BAQEFAASC", "MIICdgIBADANBgkqhkiG9w0BAQEFAASC",
	"PuTTY-User-Key-File-", "PuTTY-User-Key-File-2:\nPrivate-Lines: 8\n", "basic ", "basic " + row64, "bearer ", "bearer " + row64 + " ",
	"glpat-", "-glpat-", "ghp_", "EAAM", "-EAAM", "fm2_", "ops_eyJ", "s.", "-s.", "sourcegraph", "sgp_", "facebook", "facebook=", "q~", "atlasv1", "_mmk",
	"t3blbkfj", "hooks.slack.com", "webhook.office.com", "ZXlKaGJHY2lPaU", "-ZXlKaGJHY2lPaU", "xapp-1-", "xoxb-", "pat", "SK", "SG.", "v1.0-", "hvb.", "-EAAA-",
	"<add key=\"Password\" value=\"", "\"secret_key\"=>\"", "gems.contribsys.com", "https://a@gems.contribsys.com", "password ", "password is ", "token(", "secret[",
	"tokens: [\"", "\"a\", ", "key\\\"", "&quot;key&quot;:&quot;", "apikeytokensecretpassword", "seed phrase ", "mnemonic abandon ", "\r\x01\x07\x01", "0\uFFFD\x09y\x02\x01\x030\uFFFD\x09?\x06\x09*\uFFFDH\uFFFD\uFFFD\r\x01\x07\x01",
	"$ANSIBLE_VAULT;1.1;AES256\n36", "jwt.sign(", "jwt.sign({}, 'a", "password == 'a' ", "'a'.equals(pass) ", "strcmp(pass, ", "A_PASS=word\n", "a.pass=word\n", "[a]\npass = w\n",
	"user = 'ada' password = 'moon'\n", "auth=('a', 'b') ", "mysql -pab ", "password 7 0822 ", "PASS\nvalue: ", "user: ada\npassword: moonlight\n", "key.", "key-", "--key ", "pass:", "nuget", "linear = ", "jira",

	// for the layers
	"gh1_ ", "a1b2-c3d4-", "a1<br>", "| a1b2 | ", "<li>a1b2c3d4</li>\n", "1 | a1b2\n", "- `a1b2c3d4`\n", " half a1b2c3d4 ", "part 1 a1@b2 ", "concatenate ", "a1b2c3d4\nthanks\n",
	"1 ", "a b ", "34 ", "34:", "0x34, ", "a-", "ab/", "AAAA/", "NDEx", "NDExMTExMTExMTExMTEx/", "NDExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTEx\n",
	"H4sIAAAAAAAA/", "H4sIAAAAAAAA/wAA", "eJwA/", "eJzL", "KLUv_", "%", "%25", "%2525", "\\", "\\u", "\\\\u0034", "&", "&amp;", "&#", "=", "=3", "=34", "=\n",
	"\u200b", "a\u0301", "\u0301", "а", "аa", "\u202e", "\u202ea", "\U000e0041", "４", "–", "1–", "é", "\xff", "A=", "f", "0x", "-_",
	"SGVsbG8gd29ybGQsIHRoaXMgaXMgYSB0ZXN0IG9mIGxpbmVzLg==\n", "SGVsbG8gd29y\n",

	// for the parser of addresses
	"Rua A, 1 ", "Rua A, 1, ", "Via No. ", "ул. А, д. 1, кв. 2, ", "Am An Unter 1 ", "Flat No. 1, ", "B-24, ", "D-80331 Berlin, ", "SW1A 2AA ", "A1A 1A1, ", "1-7-1 Konan, ", "Mah. Gül Sok. No: 1 ",
	"Calle 5 de Mayo ", "Berlin, ", "1 Moo 4, ", "Quận 1, ", "Nowy Świat 15, ", "# 1-2 ", "P. van der ", "M. Jean-", "Mr. Black ", "rue des Lilas ",
	"北京市路1号", "北京市区1-1-1", "東京都区1丁目", "路1号", "市1", "之1", "〒108-0075 ", "서울 강남구 역로 1 ", "서울 구 로 1", "로 1번길 ", "1호 ",
}
