package layer

// invisibles are ranges of characters without a glyph: Default_Ignorable_Code_Point
// of Unicode's DerivedCoreProperties.txt and the annotation anchors. The blank
// letters of Hangul and Braille are here too.
var invisibles = [][2]rune{
	{0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C}, {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F},
	{0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F}, {0x2800, 0x2800}, {0x3164, 0x3164}, {0xFE00, 0xFE0F},
	{0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
}

// marks are the blocks of combining marks that are put over Latin letters and
// around digits. Marks of other scripts belong to their words.
var marks = [][2]rune{
	{0x0300, 0x036F}, {0x0483, 0x0489}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F},
}

// compatible are the ranges in which Unicode has other forms of ASCII characters.
var compatible = [][2]rune{
	{0x00A0, 0x00BE}, {0x02B0, 0x02E4}, {0x1D2C, 0x1D6A}, {0x1D78, 0x1DBF}, {0x2000, 0x209C}, {0x2100, 0x214F},
	{0x2160, 0x217F}, {0x2460, 0x24FF}, {0x2C7C, 0x2C7D}, {0x3000, 0x3000}, {0xA7F2, 0xA7F9}, {0xFE4D, 0xFE6B},
	{0xFF01, 0xFF5E}, {0x1D400, 0x1D7FF}, {0x1F100, 0x1F14F}, {0x1FBF0, 0x1FBF9},
}

// accented are the ranges of letters with marks.
var accented = [][2]rune{{0x00C0, 0x017F}, {0x01CD, 0x0233}, {0x1E00, 0x1EFF}}

// signs are an ASCII character and what stands for it: punctuation that looks
// the same, letters and digits in circles and squares that Unicode does not call
// compatible, small capitals.
const signs = "" +
	`-‐‑‒–—―⁃−➖˗ー﹘ .․。｡ :∶꞉˸ /⁄∕╱⧸ @﹫ _ˍ＿ *∗⁎⋆ |∣ǀ⏐ =꞊═ +➕ ~∼ ` +
	"A🅐🅰ᴀ B🅑🅱ʙ C🅒🅲ᴄ D🅓🅳ᴅ E🅔🅴ᴇ F🅕🅵ꜰ G🅖🅶ɢ H🅗🅷ʜ I🅘🅸ɪ J🅙🅹ᴊ K🅚🅺ᴋ L🅛🅻ʟ M🅜🅼ᴍ " +
	"N🅝🅽ɴ O🅞🅾ᴏ P🅟🅿ᴘ Q🅠🆀ꞯ R🅡🆁ʀ S🅢🆂ꜱ T🅣🆃ᴛ U🅤🆄ᴜ V🅥🆅ᴠ W🅦🆆ᴡ X🅧🆇 Y🅨🆈ʏ Z🅩🆉ᴢ " +
	"0⓿🄋🄌 1➀❶➊⓵ 2➁❷➋⓶ 3➂❸➌⓷ 4➃❹➍⓸ 5➄❺➎⓹ 6➅❻➏⓺ 7➆❼➐⓻ 8➇❽➑⓼ 9➈❾➒⓽ "

// lookalikes are an ASCII character and the letters of other scripts (Cyrillic,
// Greek, Armenian, Cherokee, Lisu, Latin's own) that have its shape in common
// fonts, after Unicode's confusables.txt (UTS #39).
const lookalikes = "" +
	"AАΑᎪꓮ BВΒᏴꓐ CСϹᏟꓚ DᎠꓓ EЕΕᎬꓰ FϜꓝ GԌᏀꓖ HНΗᎻꓧ IІΙӀꓲ JЈᎫꓙ KКΚᏦꓗ LᏞꓡ MМΜᎷꓟϺ " +
	"NΝꓠ OОΟՕꓳ PРΡᏢꓑ QԚ RᎡᏒꓣ SЅՏᏚꓢ TТΤᎢꓔ UՍꓴ VѴᏙꓦ WԜᎳꓪ XХΧꓫ YУΥҮᎽꓬ ZΖᏃꓜ " +
	"aаαɑ bЬƅ cсϲ dԁᏧ eеҽε fſք gɡցԍ hһհᏂ iіιıɩᎥ jјϳ kкκ lӏ mм nոп oоοօ pрρ qԛգզ rгᴦ sѕ tтτ " +
	"uυսц vνѵ wѡԝш xхχ yуγү zᴢʐ 3ЗӠƷ三叁 6б六陆陸 8Ȣ八捌 0〇零 1一壹 2二贰貳 4四肆 5五伍 7七柒 9九玖 "
