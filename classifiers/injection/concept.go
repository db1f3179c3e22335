package injection

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// concepts are words of many languages that mean the same when somebody gives orders to
// a model, so that what is learned in one language is known in the others. A star at the
// end stands for all words that begin so; there are just stem letters in front of it. Of
// scripts that are written without spaces each pair of characters is listed by itself.
var concepts = [...]string{
	// To take no notice.
	`ignore ignored ignoring disregard forget discard skip bypass override overlook neglect
	ignora ignorar olvida olvidar olvide descarta ignoriere ignorieren vergiss vergessen missachte ignorez oublie oubliez
	esqueça desconsidere dimentica trascura negeer vergeet zignoruj zapomnij pomiń игнор* забудь забудьте ігноруй ignoruj ignorera glöm
	görmezden unut تجاهل انس انسَ نادیده فراموش התעלם שכח अनदेखा भूल भूलकर नजरअंदाज उपेक्षा ভুলে উপেক্ষা 忽略 无视 忘记 忘掉 無視 忘れ
	무시하* 무시해 무시하고 잊어 잊고 abaikan lupakan balewalain kalimutan αγνόη* ξέχνα ignoră uită ละเ ลืม`,
	// What came before.
	`previous prior above earlier preceding foregoing former original initial anterior anteriores previas arriba
	vorherig* bisherig* vorher* obigen früheren précé* antér* précédentes prévias acima precedenti vorige eerdere bovenstaande
	poprzednie poprz* предыд* прежние прошлые поперед* předch* tidigare föreg* önceki yukarıdaki السابقة أعلاه قبلی הקודמות הקודמים
	पिछले पिछली पहले ऊपर पूर्व আগের পূর্ববর্তী উপরের 之前 以上 前面 先前 上面 以前 上記 이전 이전의 위의 앞의 trước sebelumnya sebel* naunang nakaraang
	προηγ* anterioare`,
	// Orders.
	`instruction instructions directions directives guidelines commands orders prompts instr* anweis* befehle vorgaben consignes istruz* reglas
	instruções istruzioni instructies opdrachten polecenia инстр* указа* команды інстр* pokyny talim* yönergeleri التعليمات تعليماتك الأوامر
	دستورات ההוראות निर्देश निर्देशों আদেশ নির্দেশ নির্দেশাবলী নির্দেশনা 指令 指示 命令 提示 지시 지시를 지시사* 지시사항을 명령 명령을 lệnh dẫn perintah
	tagubilin utos οδηγί* εντολ*`,
	// What is secret.
	`password passwords passphrase passcode passw* secret credentials contra* senha passe motdepasse mdp kennwort passwort wachtwoord hasło пароль пароля
	парол* lösenord* heslo şifre şifren şifresi şifreni şifreyi parola parolan parolayı المرور السري رمز گذرواژه הסיסמה पासवर्ड पासकोड गुप्त পাসওয়ার্ড গোপন
	密码 密碼 口令 スワ 秘密 비밀번* 비밀번호 비밀번호는 비밀번호를 암호 khẩu sandi รหัส κωδικό* κωδικός`,
	// To say it.
	`tell reveal show print repeat share confirm give output display disclose leak dump dime dame muestra revela confirma confirmes
	dis donne donnez partage révèle sag nenne gib verrate teile diga mostre compartilhe revele dimmi dammi mostra condividi zeg geef toon podaj
	powiedz скажи назови покажи поделись расскажи řekni ukaž berätta visa söyle göster paylaş أخبرني أعطني شارك اعرض بگو תגיד बताओ बताइए बताएं
	साझा বলুন শেয়ার দিন 告诉 告訴 透露 显示 输出 教え 見せ 表示 알려줘 말해줘 말해 보여줘 공유해줘 cho biết beritahu bagikan sabihin ibigay บอก πες`,
	// You and yours.
	`you your yours yourself tu tus te ti su vous votre vos toi ton tes du dein deine deinen dir ihr ihre ihren você seu sua teu tuo tua tuoi je jouw
	twoje twój ты твой твоя вам вас ваш ваши ти твій tvoje du din ditt sen senin أنت لك شما תה שלך आप आपका आपके आपकी अपना तुम तुम्हारा আপনি আপনার তুমি তোমার
	你的 您的 あな 당신은 당신의 너는 너의 bạn anda kamu mo iyong คุณ σου ta`,
	// Persons whose data it is.
	`user users user's customer employee usuario usuarios utilisateur utilisat* benutzer nutzer usuário utente utenti gebruiker użytkownik* пользо* kullan*
	المستخدم کاربر המשתמש उपयोगकर्ता ব্যবহারকারীর ব্যবহারকারী 用户 ユー 사용자 사용자의 dùng pengguna gumagamit χρήσ*`,
	// What is asked of them.
	`email birth birthday birthdate address balance lives salary ssn correo nacimiento dirección naissance adresse geburt* kontostand nascimento
	indirizzo nascita doğum adresi баланс адрес рождения живет живёт البريد عنوان الميلاد رصيد जन्म बैंक बैलेंस ईमेल पता জন্ম ইমেইল ঠিকানা ব্যাংক 邮箱 地址 余额 生日 メー 住所 이메일 주소 sinh alamat`,
	// Limits.
	`restriction restrictions restricted limits limitations rules rule filter filters filtering censorship policy policies ethics ethical moral morals morality
	guidelines boundaries laws restricciones filtros límites ética restrições limites éthique morale filtres règles regeln einsch* filter grenzen
	regole restrizioni ogran* zasad ограни* правил* фильт* kısıt* kural* قيود أخلاق प्रतिबंध नियम নিয়ম 限制 规则 道德 制限 倫理 제한 규칙 OpenAI confines`,
	// Without.
	`no not never without none without sin nunca sem sans jamais ohne nie keine senza mai zonder bez без не никогда utan بدون بلا बिना নেই 没有 不受 なし 없는 없이 không tanpa cannot can't free freed broken`,
	// Free of limits.
	`unfiltered unrestricted uncensored amoral immoral unethical illegal unlimited jailbreak jailbroken unbound unhinged harmful explicit evil rogue unmoderated dan anything sentient
	nsfw offensive malicious vulgar profanity swear`,
	// Somebody else.
	`act pretend play roleplay imagine simulate emulate impersonate become persona character actúa finge imagina agis imagine stell spiele aja finja agisci
	представь притво* rol कल्पना अभिनय কল্পনা 扮演 假装 想象 想像 振る 상상해 대화 tưởng bayangkan hypothetical hypothetically suppose fictional scenario`,
	// Powers over a model.
	`developer admin administrator debug mode god creator boss supervisor president police desarrollador jefe administrador presidente développeur patron chef
	entwickler chef desenvolvedor sviluppatore capo разработ* начальник администратор бог geliştiricin* patron* yönetic* tanrı مطورك رئيسك डेवलपर बॉस भगवान राष्ट्रपति ডেভেলপার ঈশ্বর
	上帝 开发 管理 上司 開発 개발자 관리자 상사 system sistema système sistem систем*`,
	// What the model says.
	`answer answers response responses reply replies respond output message respuesta réponse antwort resposta risposta antwoord odpowiedź ответ ответе cevap
	إجابة جواب उत्तर जवाब উত্তর 回答 回复 答え 返信 답변 대답 jawaban`,
	// What it was told at first.
	`prompt prompts hidden verbatim configuration context chatgpt gpt llm ai ia ki ии assistant model`,
	// From now on.
	`now henceforth onwards instead anymore ahora desde maintenant désormais jetzt agora adesso nu теперь отныне şimdi الآن अब এখন 现在 今か 지금부* bây sekarang ngayon`,
	// What content wants of who reads it.
	`promote advertise recommend include insert append embed forward visit click redirect download modify rewrite respond obey comply
	recomienda reenvía incluye conseille transfère inclus empfiehl leite füge recomende encaminhe inclua consiglia inoltra includi
	порекомендуй перешли добавь öner ilet ekle أوص أرسل सुझाओ भेजो 推荐 转发 附上 転送 勧め 추천해 전달해 rekomendasikan teruskan`,
}

// triggers are the concepts without which nobody gives a model orders: a bit for each.
const triggers = 1<<0 | 1<<2 | 1<<3 | 1<<8 | 1<<10 | 1<<11 | 1<<12 | 1<<13 | 1<<15 | 1<<17

// maxConcept is how many words may stand between two concepts that belong together.
const maxConcept = 8

// conceptSlots is a power of two, much larger than the number of words.
const conceptSlots = 1 << 12

// lexicon finds the concept of a hash: open addressing.
type lexicon [conceptSlots]struct {
	hash    uint32
	concept uint8 // plus one
}

var lexical = makeLexicon()

func makeLexicon() *lexicon {
	l := new(lexicon)
	for i, list := range concepts {
		for _, word := range strings.Fields(list) {
			if front, ok := strings.CutSuffix(word, "*"); ok {
				if h := beginning(strings.ToLower(front) + "*"); h != 0 {
					l.add(h, i)
				}
				continue
			}
			w := classifiers.AppendWords(nil, word, 0, len(word))
			switch {
			case len(w) == 2 && w[0].End == w[1].Start:
				l.add(twoOf(w[0].Hash, w[1].Hash), i)
			case len(w) == 1:
				l.add(w[0].Hash, i)
			}
		}
	}
	return l
}

// twoOf is the hash of two characters that are one word.
func twoOf(a, b uint32) uint32 { return scatter(a*0xcc9e2d51 + b) }

func (l *lexicon) add(hash uint32, concept int) {
	at := hash % conceptSlots
	for l[at].concept != 0 && l[at].hash != hash {
		at = (at + 1) % conceptSlots
	}
	if l[at].concept == 0 {
		l[at].hash, l[at].concept = hash, uint8(concept+1)
	}
}

// of is the concept of a hash plus one, or 0.
func (l *lexicon) of(hash uint32) uint8 {
	for at := hash % conceptSlots; l[at].concept != 0; at = (at + 1) % conceptSlots {
		if l[at].hash == hash {
			return l[at].concept
		}
	}
	return 0
}

// isTrigger tells whether a word means one of triggers, or begins with a letter of
// another alphabet than the Latin or of Latin beyond ASCII: of what is written so the
// concepts know less. (Characters that are words by themselves begin with higher bytes.)
func isTrigger(text string, words []classifiers.Word, i int) bool {
	w := &words[i]
	c := lexical.of(w.Hash)
	if first := text[w.Start]; c == 0 && first >= utf8.RuneSelf {
		if first < 0xE1 { // up to U+0FFF
			return true
		}
		c = conceptOf(text, words, i, 0)
	}
	return c != 0 && triggers>>(c-1)&1 != 0
}

// conceptOf is the concept of a word plus one, or 0. start is the hash of its beginning,
// 0 without one.
func conceptOf(text string, words []classifiers.Word, i int, start uint32) uint8 {
	w := &words[i]
	if c := lexical.of(w.Hash); c != 0 {
		return c
	}
	if start != 0 {
		return lexical.of(start)
	}
	if i > 0 && words[i-1].End == w.Start && text[w.Start] >= utf8.RuneSelf {
		return lexical.of(twoOf(words[i-1].Hash, w.Hash))
	}
	return 0
}
