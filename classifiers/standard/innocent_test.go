package standard_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

// random is bytes as images, keys and sealed state have them.
func random(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return b
}

// innocent texts look like disguises and are none.
var innocent = []string{
	// Prose in other scripts.
	"Вчера мы обсуждали план на осень: 14 человек, 3 дня, бюджет 250 000 рублей. Завтра отправлю протокол.",
	"Москва и Санкт-Петербург, ул. Ленина и д. Ивановка; поезд №016А отходит в 23:55, вагон 5.",
	"Наш SQL-запрос и web-страница: IT-отдел проверит e-mail-рассылку до 15.03.2026, версия 2.4.1.",
	"Машина с номером А123ВС77 стоит во дворе, тип кузова СУВ, цвет ЧЁРНЫЙ.",
	"ТЕСТ, САХАР, МОСТ, РЕКА, СОМ и КОТ написаны буквами, похожими на латинские.",
	"Київ — столиця України; їжак, ґанок, її щоденник за 1991–2021 роки.",
	"Српска ћирилица и латиница: Ђорђе чита Политику од 12. маја 2024.",
	"Η Αθήνα είναι η πρωτεύουσα της Ελλάδας. Το 2004 έγιναν οι Ολυμπιακοί Αγώνες, με 10.625 αθλητές.",
	"Έστω f: X → Y συνεχής, τότε για κάθε ε > 0 υπάρχει δ > 0 με |x − a| < δ.",
	"القاهرة عاصمة مصر، ويبلغ عدد سكانها ٩٬٩٠٠٬٠٠٠ نسمة في عام ٢٠٢٠.",
	"الصفحة ١٢ من ٤٥، الفصل الثالث، سنة ١٤٤٥ هـ الموافق ٢٠٢٤ م.",
	"می\u200cخواهم کتاب\u200cهایم را تا ساعت ۱۸:۳۰ روز ۱۵ خرداد ۱۴۰۳ پس بدهم.",
	"ירושלים היא בירת ישראל. הפגישה נקבעה ל־15:30 ביום ג׳, חדר 204.",
	"\u200fשלום\u200f עולם 123 \u200ehello\u200e \u202bעברית\u202c סוף.",
	"हिन्दी में संख्याएँ १२३४५ और ६७८९० लिखी जाती हैं; कुल २,५०,००० लोग।",
	"বাংলায় ২০২৪ সালে ১৬৫০ জন ছাত্র ভর্তি হয়েছে।",
	"ในปี ๒๕๖๗ มีนักท่องเที่ยว ๓๕ ล้านคน เพิ่มขึ้นร้อยละ ๒๖",
	"今天的会议（下午３点）讨论了２０２６年的预算：总额为１２，５００万元，共４５个项目。",
	"東京都千代田区の結果は１−１−１、ビル５階。営業時間は１０：００〜１８：３０です。",
	"ｶﾀｶﾅとＡＢＣとａｂｃ、それに「①②③④⑤⑥⑦⑧⑨⑩」の一覧。",
	"서울특별시의 인구는 2023년 기준 9,386,034명이며, 25개의 자치구가 있다.",
	"Հայաստանի մայրաքաղաքը Երևանն է։ Բնակչությունը՝ 1 091 700 մարդ։",
	"საქართველოს დედაქალაქია თბილისი, 1 201 769 მცხოვრები.",
	"Tiếng Việt có dấu: đường phố Hà Nội, số nhà 25, năm 2024.",
	"Zażółć gęślą jaźń; příliš žluťoučký kůň; Ærøskøbing; naïve façade; Ångström.",
	"Cafe\u0301 re\u0301sume\u0301 nai\u0308ve, alles in NFD: Mu\u0308nchen 1972.",
	// Emoji.
	"Great work 👍🏽 team! 👨‍👩‍👧‍👦 👩‍💻 🏳️‍🌈 ❤️‍🔥 see you at 1️⃣0️⃣",
	"1️⃣ First\n2️⃣ Second\n3️⃣ Third\n4️⃣ Fourth\n5️⃣ Fifth\n6️⃣ Sixth\n7️⃣ Seventh\n8️⃣ Eighth\n9️⃣ Ninth\n🔟 Tenth",
	"Flags: 🇩🇪 🇫🇷 🇯🇵 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 and ☎️ ✉️ ©️ ™️",
	// Typography and mathematics.
	"The years 1914–1918 and 1939—1945, “quoted” text, an ellipsis… and 10 000 km.",
	"E = mc², x₁ + x₂ = 10⁻³, H₂SO₄, 5 × 10⁶, ½ cup, 20 ℃, №7, ﬁne ﬂow",
	"𝐁𝐨𝐥𝐝 𝑎𝑛𝑑 𝘪𝘵𝘢𝘭𝘪𝘤 headings, 𝟏𝟐 points, ⓐ to ⓩ, Ⅳ. chapter",
	"∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β = ¬(¬α ∨ β), ∑ᵢ₌₁ⁿ i = n(n+1)/2",
	"M̶e̶e̶t̶i̶n̶g̶ at 10:00 moved to 11:30",
	"Z̸a̴l̵g̶o̷ t̴e̵x̶t̸ is fun, he comes",
	// Encoded things.
	"data:image/png;base64," + base64.StdEncoding.EncodeToString(append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), random(3000, 1)...)),
	"data:font/woff2;base64,d09GMgABAAAAA" + base64.StdEncoding.EncodeToString(random(900, 2)),
	"data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 10-10S17.52 2 12 2zm0 18c-4.41 0-8-3.59-8-8s3.59-8 8-8 8 3.59 8 8-3.59 8-8 8z"/></svg>`)),
	"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='8' height='8'%3E%3Cpath fill='%23fff' d='M6.564.75l-3.59 3.612-1.538-1.55L0 4.26l2.974 2.99L8 2.193z'/%3E%3C/svg%3E",
	"%PDF in base64: " + base64.StdEncoding.EncodeToString(append([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), random(2000, 3)...)),
	"The model sealed this: " + base64.URLEncoding.EncodeToString(random(4000, 4)),
	"integrity=\"sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC\"",
	"d41d8cd98f00b204e9800998ecf8427e da39a3ee5e6b4b0d3255bfef95601890afd80709",
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty.txt",
	"550e8400-e29b-41d4-a716-446655440000, 6ba7b810-9dad-11d1-80b4-00c04fd430c8, 00000000-0000-0000-0000-000000000000",
	"00000000: 7f45 4c46 0201 0100 0000 0000 0000 0000  .ELF............\n00000010: 0300 3e00 0100 0000 6010 0000 0000 0000  ..>.....`.......",
	"48 65 6c 6c 6f 2c 20 77 6f 72 6c 64 21 0d 0a 00 ff d8 ff e0 00 10 4a 46 49 46",
	"SHA256 fingerprint: 9A:6E:C0:12:E1:A7:DA:9D:BE:34:19:4D:47:8A:D7:C0:DB:18:22:FB:07:1D:F1:29:81:49:6E:D1:04:38:41:13",
	"broadcast ff:ff:ff:ff:ff:ff, mask ff:ff:ff:00",
	"const key = [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]",
	base64.StdEncoding.EncodeToString([]byte("The quick brown fox jumps over the lazy dog. It was a sunny day in June, and nobody was in a hurry.")),
	base64.StdEncoding.EncodeToString([]byte(`{"page":3,"cursor":"a1b2","limit":50,"sort":["created_at","desc"],"filter":{"state":"open"}}`)),
	// Code and markup.
	`!function(e,t){"object"==typeof exports&&"undefined"!=typeof module?t(exports):"function"==typeof define&&define.amd?define(["exports"],t):t((e=e||self).lib={})}(this,function(e){"use strict";var t=/[\u00C0-\u024F\u1E00-\u1EFF]/g,n=/\x1b\[[0-9;]*m/g;e.a=t,e.b=n});`,
	`re.compile(r"[\U0001F600-\U0001F64F\u2702-\u27B0\x00-\x1f]+", flags=re.UNICODE)`,
	`printf("%02d:%02d:%02d %5.2f%% \033[31mred\033[0m\n", h, m, s, p);`,
	"if (a==10&&b<=20||c>=30) { x += y%16; z = a&0x3f; w = q?1:0; }",
	"<p>Fish &amp; chips cost &pound;9&#46;50 &mdash; that&#39;s &lt;b&gt;cheap&lt;/b&gt;&nbsp;!</p>",
	"https://example.com/search?q=red%20shoes%20%26%20socks&from=https%3A%2F%2Fexample.org%2Fa%3Fb%3Dc&utm_source=news",
	"https://login.example.com/?continue=https%253A%252F%252Fexample.com%252Fa%25252Fb%2526x%253D1",
	"https://docs.example.com/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit#gid=0",
	"/usr/local/lib/python3.13/site-packages/numpy/core/_multiarray_umath.cpython-313-x86_64-linux-gnu.so",
	"com.example.application.configuration.SpringSecurityConfigurationAdapterFactoryBean",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"-----------------------------------------------------------------------------\n=============================================================================\n_____________________________________________________________________________",
	"| a | b | c | d | e | f | g | h |\n|---|---|---|---|---|---|---|---|\n| 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |",
	"A B C D E F G H I J K L M N O P Q R S T U V W X Y Z",
	"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
	"1 + 2 - 3 * 4 / 5 + 6 - 7 * 8 = x ? y : z",
	"ATGCGTACGTTAGCTAGCTAGGATCGATCGATTACGCTAGCATCGATCAGCTACGACTAGCATCAGCATCAGCTACGAC",
	"MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVKALPDAQFEVVHSLAKWKRQ",
	"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_M=C3=BCnchen?= and =?utf-8?B?R3LDvMOfZSBhdXMgTcO8bmNoZW4=?=",
	"The offer is valid from 1=\nto 3 of May and costs =E2=82=AC 20 per person.",
	`{"a":"{\"b\":\"{\\\"c\\\":\\\"\\\\u00e9t\\\\u00e9\\\"}\"}"}`,
	"Lorem ipsum: pneumonoultramicroscopicsilicovolcanoconiosis and Donaudampfschifffahrtsgesellschaftskapitän",
	"\ufeffid,name,count\r\n1,alpha,10\r\n2,beta,20\r\n",
	"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC" + strings.TrimRight(base64.StdEncoding.EncodeToString(random(90, 5)), "="),
}

func TestInnocentTextIsClean(t *testing.T) {
	set := newSet(t, standard.Options{})
	if len(innocent) < 60 {
		t.Errorf("%d texts", len(innocent))
	}
	for _, text := range innocent {
		for _, carrier := range []string{"%s", "Please translate: %s", "{\"content\":\"%s\"}"} {
			if found := values(classifierstest.Classify(t, set, fmt.Sprintf(carrier, text))); len(found) > 0 {
				t.Errorf("%.120q: %.300s", text, classifierstest.Show(fmt.Sprintf(carrier, text), found))
			}
		}
	}
}

// values are the findings but those of source code, which some of these texts are.
func values(found []classifiers.Finding) []classifiers.Finding {
	return slices.DeleteFunc(found, func(f classifiers.Finding) bool { return f.Family == classifiers.Code })
}
