package people_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/pii/people"
)

// family makes a classifier of a Finder.
type family struct{ *people.Finder }

func (family) Describe() classifiers.Description {
	return classifiers.Description{
		Family: classifiers.PII, Entities: []string{people.Person, people.Address}, Version: people.Version(), Words: true,
	}
}

func (f family) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	return f.Find(v, found), nil
}

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

func no(why string, texts ...string) []classifierstest.Example {
	var all []classifierstest.Example
	for _, t := range texts {
		all = append(all, classifierstest.Example{Text: t, Why: why})
	}
	return all
}

func join(all ...[]classifierstest.Example) (out []classifierstest.Example) {
	for _, a := range all {
		out = append(out, a...)
	}
	return out
}

var rules = []classifierstest.Rule{
	{Name: "person-name", Entity: people.Person, True: yes(
		"Nadia Weber",
		"Please ask Nadia Weber about it. => Nadia Weber",
		"the contract of José García Moreno ends => José García Moreno",
		"a letter from Jan van der Meer came => Jan van der Meer",
		"signed by Maria O'Brien today => Maria O'Brien",
		"with Anne-Marie Dupont and => Anne-Marie Dupont",
		"Piotr Kowalski's report => Piotr Kowalski",
		"J. K. Henderson wrote => J. K. Henderson",
		"Robert T. McAllister left => Robert T. McAllister",
		"Hier M. Jean-Baptiste Lefèvre est venu => M. Jean-Baptiste Lefèvre",
		"signed by P. van der Berg => P. van der Berg",
		"dhr. K. Oosterbaan; => K. Oosterbaan",
		"Mark Jensen has the key => Mark Jensen",
		"Vitamin C. Anna Schmidt ordered some. => Anna Schmidt",
		"Plan B. Peter Hoffmann agreed. => Peter Hoffmann",
		"Kære Mette Kjærgaard, vi => Mette Kjærgaard",
		"Siti Aminah binti Yusof => Siti Aminah binti Yusof",
		"Reporter: Smith, John A.; open => Smith, John A.",
		"Team:\nPatel, Nisha\nWeber, Nadia => Patel, Nisha",
		"2) DE LA CRUZ, Paolo (3) => DE LA CRUZ, Paolo",
		"seat 4: KOVALENKO/IRYNA MRS => KOVALENKO/IRYNA MRS",
		"Wir haben Jürgen Müller eingeladen. => Jürgen Müller",
		"Björn Ólafsson => Björn Ólafsson",
		"Дмитрий Соколов уехал => Дмитрий Соколов",
		"PETER HOFFMANN, born 1971 => PETER HOFFMANN",
		"Contract of Vikram Sundaram, Pune => Vikram Sundaram",
		"ask Takahiro Ishii about it => Takahiro Ishii",
		"Folake Ogundipe left => Folake Ogundipe",
		"Jurgen Mayr has left => Jurgen Mayr",
	), False: join(
		no("everybody knows them", "Albert Einstein", "Act as Harry Potter.", "Leonardo da Vinci painted it.", "Who was Napoleon Bonaparte?"),
		no("firms", "Johnson & Johnson", "Procter & Gamble", "Smith & Wesson"),
		no("what bears a name", "Murphy's law", "Weber's syndrome"),
		no("storms", "Storm Eunice", "Typhoon Anna Maria"),
		no("species", "Rosa canina flowers", "Viola tricolor"),
		no("things", "the Taylor Institute", "Kelly Street is closed", "at Robert Bosch GmbH", "a Linda Lake hike"),
		no("streets and districts", "Bağdat Caddesi is long", "près de la rue des Lilas", "T.C. Kimlik No"),
		no("letters", "Plan B. Green Tea", "U.S. Army"),
		no("places", "We flew to San Francisco and Los Angeles.", "New York, South Carolina and West Virginia", "Santa Barbara is nice."),
		no("headings", "Will May Change", "The Price Of Hope", "Act As An Expert", "Summer Garden Tea"),
		no("code", "Frank.Miller()", "class Martin(Base):", "user_Anna", "Alice::Bob", "new Carl<T>"),
	)},
	{Name: "person-title", Entity: people.Person, True: yes(
		"Mr. Leiva called => Mr. Leiva",
		"Ask Dr. Ravensburg first. => Dr. Ravensburg",
		"Sehr geehrte Frau Schulz, => Frau Schulz",
		"Bonjour Mme Lefebvre => Mme Lefebvre",
		"Prof. Dr. Weber teaches => Prof. Dr. Weber",
		"Then Dr. Hugo Strange came => Dr. Hugo Strange",
		"Mrs. Rose Black left => Mrs. Rose Black",
		"Mr. Black called => Mr. Black",
		"Herr Klein kommt => Herr Klein",
		"Mr J Henderson called => Mr J Henderson",
		"MR A K BANERJEE\n => MR A K BANERJEE",
		"Mevr. J. de Wit kwam => Mevr. J. de Wit",
		"Frau Theresia Hofstätter => Frau Theresia Hofstätter",
	), False: no("no name behind", "Dear Sir or Madam", "Hello Dr. The door is open", "Mr. and Mrs. will", "Mr. President", "Miss Universe", "the Dr. Will it help", "He lives at 12 Cheriton Dr.")},
	{Name: "person-given", Entity: people.Person, True: yes(
		"yesterday Matthew left => Matthew",
		"nobody told Kowalczyk and Agnieszka => Agnieszka",
		"Hallo Fatima, => Fatima",
		"Best regards,\nSebastian => Sebastian",
	), False: join(
		no("months and days", "In April and May, or on Sunday.", "Jan. 12, Jun 3", "Thu, 30 Jul"),
		no("words first", "Hope is not a plan.", "Will it rain? Mark my words.", "Grace and Faith are virtues, Joy too."),
		no("verses", "Read John 3:16 and Ruth 1:16, Esther 4:14."),
		no("verbs", "Don't do it", "Don’t worry"),
		no("places", "from Paris to Florence", "Jordan and Georgia are countries", "Austin, Texas", "Madison and Austin are cities"),
		no("syllables", "Tiếng Việt ở Hà Nội"),
		no("parts", "Asia/Ust-Nera", "@Sandra", "#Peter", "anna_Karin", "Path=C:\\Users_Tom", "x.Robert.y"),
	)},
	{Name: "person-context", Entity: people.Person, True: yes(
		"my colleague Rintanen => Rintanen",
		"My name is Kowalczyk. => Kowalczyk",
		"\"We are late,\" said Holmgren. => Holmgren",
		"ich heiße Vogt, guten Tag => Vogt",
		"surname: Grünwald => Grünwald",
	), False: join(
		no("no person", "my colleague The", "The model said Yes.", "name: Deploy", "name: Test", "Dear Customer", "the Henderson case"),
		no("products", "Figma said it is down", "Hi Copilot"),
	)},
	{Name: "person-eastern", Entity: people.Person, True: yes(
		"姓名：赵丽华，电话 => 赵丽华",
		"您好，我是周建军，想问一下 => 周建军",
		"收件人 欧阳文静先生 => 欧阳文静",
		"请联系林志远先生。 => 林志远",
		"紧急联系人林志远，电话 => 林志远",
		"氏名：高橋 由美子 => 高橋 由美子",
		"氏名：高橋　由美子 => 高橋　由美子",
		"氏名：林　太郎 => 林　太郎", // a surname of China, too
		"山本様、いつも => 山本",
		"担当者は石川健太です => 石川健太",
		"이름: 한지우, 서울 => 한지우",
		"오늘 최유진 씨가 => 최유진",
		"송하늘님께 => 송하늘",
		"고객 이름: 남궁하늘, 서울 => 남궁하늘",
		"กราบเรียน คุณสมชาย ใจดี ครับ => สมชาย ใจดี",
		"ชื่อ วิชัย สุขใจ โทร => วิชัย สุขใจ",
		"שם: דוד כהן, טלפון => דוד כהן",
		"الاسم: سارة خالد، الهاتف => سارة خالد",
		"السيد خالد منصور، تحية => خالد منصور",
		"שמי יעל כהן, אני => יעל כהן",
	), False: join(
		no("no name", "姓名：未填写", "尊敬的先生", "客户：高德地图", "我是学生", "我是王者荣耀玩家", "皆様、お客様", "担当者は後日連絡します", "お名前は？", "奥さん", "氏名：林　", "氏名：林　、"),
		no("no name in Korean", "이름: 없음요구사항", "선생님 고객님 주인님", "지배인님", "이름 변경", "날씨 아저씨", "사용자님"),
		no("occupations and origins", "我是程序员，请帮我", "我是高中生", "我是江苏人。", "我是高管", "我是史学家", "联系人：程序员"),
		no("places and houses in Japan", "福島県さん", "清水寺さん", "担当：石川支店", "大石様式", "神田氏名"),
		no("offices and things in Korea", "회사 이름: 한국전력", "파일 이름: 김사진.jpg", "담당자: 서울시", "담당자: 인사팀", "담당자: 고객센터", "이름: 한국"),
		no("Thai words that begin like titles", "คุณภาพ สินค้า ดี", "นายกรัฐมนตรี คนใหม่ ของ", "นายก รัฐมนตรี", "นางฟ้า ตัวน้อย", "คุณสามารถใช้งาน ฟังก์ชัน", "คุณ ต้อง การ", "ชื่อ บริษัท จำกัด", "ชื่อเรื่อง ใหม่ ล่าสุด"),
		no("fields that say nothing", "الموظف: غير محدد", "العميل: شركة النور", "السيد الرئيس، تحية", "שם: לא ידוע", "לקוח: בנק הפועלים", "नाम: अज्ञात व्यक्ति"),
		no("sentences", "ชื่อเรื่อง", "שם הקובץ הוא", "الاسم مطلوب", "الاسم: يجب أن يكون الاسم طويلا جدا هنا"),
	)},
	{Name: "person-field", Entity: people.Person, True: yes(
		"Owner: Qwendolyn Brastock, room 4 => Qwendolyn Brastock",
		"<name>Tirvald Ostenby</name> => Tirvald Ostenby",
		"CN=Tirvald Ostenby:mailto => Tirvald Ostenby",
		"name Ulvan Berenson, mobile => Ulvan Berenson",
		"KONTOINHABER: TIRVALD OSTENBY\nIBAN => TIRVALD OSTENBY",
		"nr;name;city\n1;Brastock Qwenda;Hull\n2;Ostenby Tirva;Hull => Brastock Qwenda",
	), False: join(
		no("what has a name as well", "file name: Ostenby Tirvald", "product,brand\nx,Ostenby Tirvald", "username Ostenby tirvald", "host name=Ostenby Tirvald"),
		no("words", "Owner: Platform Team", "Kontakt: Vertrieb Nord", "- name: Lint Markdown", "- name: Golang Lint", "Sayın Yetkili,", "name: Deploy Production", "Client: Northern Foods", "name,price\nGreen Tea,4"),
		no("more than a name", "name: Ostenby cluster", "name Ostenby Tirvald is down"),
	)},
	{Name: "address-street", Entity: people.Address, True: join(worldStreets, yes(
		"It is at 12 Main Street. => 12 Main Street",
		"12 Main Street, Apt. 4\nSpringfield, IL 62704 => 12 Main Street, Apt. 4\nSpringfield, IL 62704",
		"1600 North Harbor Blvd, Suite 210, Tampa, FL 33602, USA => 1600 North Harbor Blvd, Suite 210, Tampa, FL 33602, USA",
		"Hauptstraße 12, 10115 Berlin => Hauptstraße 12, 10115 Berlin",
		"Alte Bergstraße 7a\n79098 Freiburg => Alte Bergstraße 7a\n79098 Freiburg",
		"12 rue de la Paix, 75002 Paris => 12 rue de la Paix, 75002 Paris",
		"Via Roma 1, 20121 Milano => Via Roma 1, 20121 Milano",
		"ul. Długa 5 => ul. Długa 5",
		"Calle Mayor 22, Madrid => Calle Mayor 22, Madrid",
		"Dózsa György út 78. => Dózsa György út 78",
		"Storgatan 14, Stockholm => Storgatan 14, Stockholm",
		"Prinsengracht 263 => Prinsengracht 263",
		"ул. Ленина 5 => ул. Ленина 5",
		"51 Franklin Street, Fifth Floor, Boston, MA 02110 => 51 Franklin Street, Fifth Floor, Boston, MA 02110",
		"21 2nd Street => 21 2nd Street",
		"write to Ivy Cottage, Mill Lane, Hexham NE46 3AB today => Ivy Cottage, Mill Lane, Hexham NE46 3AB",
		"Nadia Weber, The Old Forge, Church Road, Stoke on Trent, Staffs ST4 1AA => The Old Forge, Church Road, Stoke on Trent, Staffs ST4 1AA",
		"Home:\nLarkfield\nStation Road\nWickham\nIP13 0PU => Larkfield\nStation Road\nWickham\nIP13 0PU",
		"Ahornweg 9, 49078 Osnabrück, KVNR B418954761 => Ahornweg 9, 49078 Osnabrück",
		"Yurani Sosa Calle 72 No. 10-34, Medellín => Calle 72 No. 10-34, Medellín",
		"Sonnenallee 21, 3. OG, 12059 Berlin => Sonnenallee 21, 3. OG, 12059 Berlin",
		"Am Neuen Markt 4, 14467 Potsdam => Am Neuen Markt 4, 14467 Potsdam",
		"Grote Markt 3, 8500 Kortrijk => Grote Markt 3, 8500 Kortrijk",
		"3307 Willow Bend Dr, Plano, TX 75093 => 3307 Willow Bend Dr, Plano, TX 75093",
		"<street>Sveagatan 16</street> => Sveagatan 16",
		"Jr. de la Unión 412, Cusco => Jr. de la Unión 412, Cusco",
		"Tartu mnt 44-12, 10119 Tallinn => Tartu mnt 44-12, 10119 Tallinn",
		"Rua do Carmo 34, 2.º Esq., 1200-443 Lisboa => Rua do Carmo 34, 2.º Esq., 1200-443 Lisboa",
	)), False: join(
		noWorldStreets,
		no("no postcode", "Ivy Cottage, Mill Lane", "on Mill Lane, model M14 6XX"),
		no("junior", "Hank Jones Jr. 300", "the Jr. 3000", "Jr. High School 300 students"),
		no("no street", "Route 53", "Chapter 5 Street Life", "Table 3", "Windows 11 and Office 365", "Figure 12 shows the Road", "5 Ways to Win"),
		no("sentences without capitals", "i have 2 files on my drive", "the 3 rules of the road", "copy the 5 files to the drive", "write 3 paragraphs about the road"),
		no("dates and counts", "30 July 2015", "12 March 2024, 10 April 2024", "In 2028 Summer Games", "48 65 6c 6c 6f 2c 20"),
		no("tables", "Denver\t600\nAtlanta\t400\nHouston\t500"),
	)},
	{Name: "address-weak", Entity: people.Address, True: join(worldWeak, yes(
		"he lives at Tylova 285 => Tylova 285",
		"17 Dunajska 56\n Apt. 7 => 17 Dunajska 56\n Apt. 7",
	)), False: no("a name and a number", "Boeing 747", "Peugeot 208 and Airbus 320", "Apollo 11", "see Jensen 2019", "Matthew 5")},
	{Name: "address-box", Entity: people.Address, True: yes(
		"P.O. Box 175 => P.O. Box 175",
		"Sheikh Zayed Road, P.O. Box 9292, Dubai => Sheikh Zayed Road, P.O. Box 9292, Dubai",
		"Postfach 1220, 80331 München => Postfach 1220, 80331 München",
		"PSC 4665, Box 2778\nAPO AE 09338 => PSC 4665, Box 2778\nAPO AE 09338",
		"Unit 8505 Box 9220\nDPO AE 09744 => Unit 8505 Box 9220\nDPO AE 09744",
	), False: no("no post box", "BOX 1: heading", "Unit 5 is about rivers", "check the box 3 times", "Xbox 360")},
	{Name: "address-eastern", Entity: people.Address, True: eastern, False: noEastern},
	{Name: "address-postcode", Entity: people.Address, True: yes(
		"my zip code is 62704 => 62704",
		"ZIP: 62704-1234 => 62704-1234",
		"PLZ 10115 => 10115",
		"\"postalCode\": \"10021-3100\" => 10021-3100",
	), False: no("no postcode", "the zip file has 62704 bytes", "pin 12", "my card, PIN 4471", "PIN code: 4711", "code 62704")},
}

func TestRules(t *testing.T) {
	classifierstest.Rules(t, family{people.New()}, people.Rules, rules)
}

func seeds() (all []string) {
	for _, r := range rules {
		for _, e := range r.True {
			all = append(all, e.Text)
		}
	}
	return all
}

func TestContract(t *testing.T) { classifierstest.Contract(t, family{people.New()}, seeds()) }

// TestNoCapitals: people who write small in chats are found by names that are nothing
// else.
func TestNoCapitals(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, family{people.New()})
	for text, want := range map[string]string{
		"please write to jessica kowalski about the flat": "jessica kowalski",
		"our office is at 12 bergmann street now":         "12 bergmann street",
		"my name is xiomara delgado and i ask you":        "xiomara delgado",
		"will you mark the rose in may":                   "",
		"the cat sat on the mat and it was fine":          "",
	} {
		found := classifierstest.Classify(t, set, text)
		got := ""
		for _, f := range found {
			got += text[f.Start:f.End]
		}
		if got != want {
			t.Errorf("%q: got %s", text, classifierstest.Show(text, found))
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	set := classifierstest.NewSet(f, classifiers.Options{}, family{people.New()})
	f.Fuzz(func(t *testing.T, text string) {
		classifierstest.Classify(t, set, text) // an offset outside is an error
	})
}

var prose = strings.Repeat("The committee met again on Tuesday to look at the figures for the second quarter. "+
	"Costs had risen by 4 percent, mostly because the new plant in Leipzig had opened in March. "+
	"It was decided to wait until the end of the year. Most members thought that this was wise; others did not. ", 8)[:2048]

func BenchmarkProse2K(b *testing.B) {
	f := people.New()
	v := &classifiers.View{Text: prose, Hi: len(prose), Words: classifiers.AppendWords(nil, prose, 0, len(prose))}
	for i := 0; i < len(prose); i++ {
		if prose[i]-'0' <= 9 {
			v.Digits = append(v.Digits, classifiers.Run{Start: i, End: i + 1})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		f.Find(v, nil)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		people.Load()
	}
}
