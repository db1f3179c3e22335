package sourcecode

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// languages in the order of their bits.
var languages = [...]string{
	"c", "cpp", "csharp", "css", "go", "html", "java", "javascript", "kotlin", "lua", "perl", "php", "powershell",
	"python", "r", "ruby", "rust", "scala", "shell", "sql", "swift", "typescript", "dart", "elixir", "haskell", "html",
}

// keywords are words of programming languages: those that begin lines, and what they
// weigh there, then others. They come from the languages' references; a word that is
// common in prose, too, weighs little.
var keywords = []struct {
	first int
	langs string
	words string
}{
	{16, "c cpp", "include ifdef ifndef endif typedef pragma"},
	{14, "c", "struct unsigned uint void sizeof"},
	{14, "cpp", "template namespace constexpr virtual inline"},
	{14, "csharp", "namespace using"},
	{14, "go", "func defer package"},
	{10, "go", "type import go chan"},
	{14, "java", "package import throws"},
	{14, "java csharp", "public private protected static abstract final override sealed internal"},
	{14, "typescript", "readonly interface export declare"},
	{12, "javascript typescript", "const let import export async await"},
	{14, "javascript typescript php", "function"},
	{14, "javascript", "var"},
	{16, "kotlin", "fun val companion suspend"},
	{14, "swift", "func guard extension protocol import"},
	{14, "rust", "fn impl pub mod crate trait"},
	{12, "rust", "use let match"},
	{14, "python", "def elif"},
	{8, "python", "from import class try except with pass raise assert lambda async yield global"},
	{14, "ruby", "def elsif unless module require attr"},
	{8, "ruby lua shell", "end"},
	{14, "lua", "local elseif"},
	{14, "perl", "my sub"},
	{14, "php", "php namespace echo foreach"},
	{14, "shell", "fi esac done elif sudo echo export source cd mkdir rm cp chmod grep sed awk curl docker git npm apt pip"},
	{12, "powershell", "param cmdletbinding begin"},
	{14, "scala", "object def val trait sealed implicit"},
	{14, "elixir", "defmodule defp def alias"},
	{14, "haskell", "module import where data instance"},
	{14, "r", "library"},
	{14, "dart", "late required"},
	{12, "html", "div span html head body script meta link table td tr ul li href img form input button section svg"},
	{4, "css", "margin padding color font background border display width height position"},
	{8, "c cpp java csharp javascript typescript php go rust swift kotlin", "if else for while switch case return break continue do struct enum"},
	{8, "java csharp javascript typescript php python ruby kotlin swift scala cpp dart", "class try catch finally throw new this"},
	{8, "python ruby shell lua", "if for while return print"},
	{6, "c cpp java csharp", "int long char double float bool boolean"},
}

// others only tell languages apart.
var others = []struct{ langs, words string }{
	{"c", "null printf malloc memcpy strlen stdio stdlib"},
	{"cpp", "std nullptr cout endl auto vector iostream"},
	{"csharp", "string var get set task system linq"},
	{"go", "nil err fmt struct interface errorf string map ctx range"},
	{"java", "string system out println extends implements springframework util junit override"},
	{"javascript", "undefined null require module exports console document window prototype then constructor"},
	{"typescript", "string number boolean any void implements extends promise type unknown keyof"},
	{"kotlin", "when data override lateinit listof string junit"},
	{"lua", "then nil function pairs ipairs"},
	{"perl", "strict warnings shift bless"},
	{"php", "array public this isset self null"},
	{"powershell", "write host foreach object get item set erroraction"},
	{"python", "self none true false elif init str dict isinstance in not pytest kwargs args"},
	{"r", "na true false ggplot"},
	{"ruby", "do nil puts each require rails attr expect described context let"},
	{"rust", "mut self some none ok err string vec unwrap str usize derive option"},
	{"scala", "case extends with option"},
	{"shell", "bin bash then exit dev null usr sh set"},
	{"swift", "let var nil self init override string foundation"},
	{"elixir", "do end fn"},
	{"dart", "widget final build override"},
	{"html", "class id src rel type"},
}

// sql are words of statements; they count in capitals, as they are written.
const sql = "select insert update delete create alter drop from where into values table index join inner outer left group order having primary foreign references constraint varchar integer column begin commit grant union limit distinct"

// functionWords hold sentences together, in eleven languages. What is a keyword, too,
// is not among them.
const functionWords = `
the of and to a in is that it was be are as at on by this have you we they i he she his her their our your not or but
which who will would can could should there what when how been has had were more than about some any my me please
der die das und ist nicht ein eine einen den dem mit auf für von zu im sich auch wir sie ich
le la les des et est une dans que qui pour pas sur avec nous vous il elle au du
el los las es un una por con para se del que y su como
il di che è per non sono gli della
het een van en niet dat zijn wij
o os as um uma não para com que
och att det som en är inte
i w na nie się jest do że
и в не на что это как по с
的 是 我 你 了 在`

type entry struct {
	langs uint32
	first uint8
	prose bool
	shout bool
}

var vocabulary = makeVocabulary()

// bitsOf is the set of the languages that are named.
func bitsOf(names string) (set uint32) {
	for _, n := range strings.Fields(names) {
		for i, l := range languages {
			if l == n {
				set |= 1 << i
			}
		}
	}
	return set
}

// Languages that some signs belong to.
var (
	interpreters = bitsOf("shell")
	semicolons   = bitsOf("c cpp csharp java javascript typescript php rust perl css dart sql")
	colons       = bitsOf("python")
)

// operatorLangs are the languages of an operator of two signs, by the numbers of these.
var operatorLangs = func() (t [16][16]uint32) {
	for operator, langs := range map[string]string{
		":=": "go",
		"=>": "javascript typescript csharp php scala ruby perl",
		"->": "php rust cpp c kotlin swift haskell perl java",
		"::": "cpp rust php ruby perl",
		"</": "html",
		"/>": "html",
		"<-": "r go haskell",
	} {
		t[signs[operator[0]]][signs[operator[1]]] = bitsOf(langs)
	}
	return t
}()

// makeVocabulary reads the lists.
func makeVocabulary() *classifiers.WordTable[entry] {
	t := classifiers.NewWordTable[entry](1000)
	for w := range strings.FieldsSeq(functionWords) {
		*t.At(classifiers.HashWord(w)) = entry{prose: true}
	}
	put := func(words string, e entry) {
		for w := range strings.FieldsSeq(words) {
			old := t.At(classifiers.HashWord(w))
			old.langs |= e.langs
			old.first = max(old.first, e.first)
			old.shout = e.shout && old.langs == e.langs
		}
	}
	for _, k := range keywords {
		put(k.words, entry{langs: bitsOf(k.langs), first: uint8(k.first)})
	}
	for _, o := range others {
		put(o.words, entry{langs: bitsOf(o.langs)})
	}
	for w := range strings.FieldsSeq(sql) {
		if t.Of(classifiers.HashWord(w)) == (entry{}) {
			put(w, entry{langs: bitsOf("sql"), first: 14, shout: true})
		}
	}
	return t
}
