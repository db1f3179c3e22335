//nolint:misspell // most of it is not English
package injection

// concepts are words of many languages that mean the same when somebody gives orders to
// a model, so that what is learned in one language is known in the others. A star at the
// end stands for all words that begin so; there are just stem letters in front of it.
// Words of scripts without spaces have two to maxRun characters. Nobody gives a model
// orders without one of the concepts that are a trigger.
var concepts = [...]struct {
	trigger bool
	words   string
}{
	{true, ` to take no notice:
	ignore ignored ignores ignoring disregard disregarding forget forgetting discard skip bypass override
	overrule overlook neglect circumvent dismiss ignora ignorar olvida olvidar olvide olvídate descarta omite
	ignoriere ignorieren vergiss vergessen missachte missachten ignorez oublie oubliez oublier esqueça esquece
	desconsidere ignorem dimentica dimentichi dimenticare trascura ignori negeer vergeet negeert zignoruj
	zapomnij pomiń zigno* игнор* забудь забудьте забыть ігноруй ігнор* ignoruj ignorujte zapomeň zapomeňte
	ignorera glöm bortse görmezden unut unutun unutma yoksay تجاهل تجاهلي انس انسَ انسى نادیده فراموش התעלם תתעלם
	שכח अनदेखा भूल भूलकर भूलें नजरअंदाज नज़रअंदाज़ उपेक्षा ভুলে ভুলুন উপেক্ষা অগ্রাহ্য 忽略 无视 忘记 忘掉 不理会 無視 忘れ 무시해
	무시하고 무시 잊어 잊고 잊으세요 abaikan lupakan bỏ quên balewalain kalimutan αγνόη* ξέχνα ξεχάστε ignoră ignorați uită
	uitați ละเว้น เพิกเฉย ลืม`},
	{false, ` what came before:
	previous previously prior above earlier preceding foregoing former original initial anterior anteriores
	previas previa arriba vorhe* bishe* obigen obige früheren précé* antér* précédentes prévias acima precedenti
	precedente vorige eerdere bovenstaande poprzednie poprz* преды* прежние прошлые попер* předc* tidigare föreg*
	önceki yukarıdaki السابقة السابق أعلاه قبلی הקודמות הקודמים पिछले पिछली पिछला पहले ऊपर पूर्व আগের পূর্ববর্তী
	উপরের পূর্বের 之前 以上 前面 先前 上面 以前 上記 前の これまで 이전 이전의 위의 앞의 trước sebelumnya sebel* naunang nakaraang προηγ*
	παραπ* anterioare ก่อนหน้า ข้างต้น`},
	{true, ` orders:
	instruction instructions directions directives directive guidelines commands orders prompts instr* anwei*
	befehle vorgaben aufgaben consignes istru* reglas instruções istruzioni instructies opdrachten polecenia
	polec* инстр* указа* команды вказі* інстр* pokyny talim* yönergeleri yönergeler görevlerini التعليمات
	تعليماتك تعليمات الأوامر أوامر دستورات דستور ההוראות הוראות निर्देश निर्देशों आदेश आदेशों নির্দেশ নির্দেশাবলী
	নির্দেশনা 指令 指示 命令 提示 规则 지시 지시를 지시사항을 명령 명령을 지침 lệnh dẫn perintah tagubilin utos οδηγί* εντολ* คำสั่ง คำแนะนำ`},
	{true, ` what is secret:
	password passwords passphrase passcode passw* secret secrets credentials pin contr* clave senha senhas passe
	motdepasse mdp kennwort passwort passwörter geheimnis losung zugangscode wachtwoord hasło hasła пароль пароля
	паролем парол* секре* lösen* heslo hesla şifre şifren şifresi şifreni şifreyi şifrene şifreye parola parolan
	parolayı parolaya المرور السر السري السرية رمز گذرواژه הסיסמה סיסמה סיסמת पासवर्ड पासकोड पासफ्रेज गुप्त रहस्य
	পাসওয়ার্ড পাসকোড গোপন 密码 密碼 口令 秘密 暗号 パスワード 暗証番号 合言葉 비밀번호 비밀번호는 비밀번호를 비밀 암호 암호를 khẩu sandi รหัส รหัสผ่าน
	รหัสลับ lihim κωδικ* κωδικός`},
	{false, ` to say it:
	tell reveal show print repeat share sharing confirm give output display disclose leak dump provide state
	recite spell quote dime dame deme muestra revela confirma confirmes decirme comparte compartas compartir dis
	dites donne donnez partage partagez révèle révélez affiche affichez sag sagen nenne nennen gib geben verrate
	verraten teile teilen mitteilen diga mostre compartilhe compartilhar revele dizer dimmi dammi mostra
	condividi condividere dirmi zeg geef toon deel podaj powiedz pokaż скажи скажите назови назовите покажи
	поделись расскажи сообщ* подтв* подсказать řekni řekněte ukaž berätta säga visa söyle söyler söyleyin göster
	paylaş paylaşır ver أخبرني إخباري أعطني شارك مشاركة اعرض تأكيد قل اذكر بگو بده בگو תגיד אמור बता बताओ बताइए
	बताएं दिखाओ दो दें साझा पुष्टि बोलो कहें বলুন বলতে দিন শেয়ার 告诉 告訴 透露 显示 输出 说出 分享 确认 教え 見せ 表示 共有 提供 言って 알려줘
	알려줄 말해줘 말해줄 말해 보여줘 공유해줘 제공해 cho biết nói beritahu memberi memberitahu bagikan berikan sebutkan sabihin ibigay
	ibahagi บอก แบ่งปัน แสดง πες πείτε spune`},
	{false, ` you and yours:
	you your yours yourself tu tus te ti su vous votre vos toi ton tes du dein deine deinen dir ihr ihre ihren
	ihnen você seu sua teu tuo tua tuoi je jouw twoje twój ты твой твоя вам вас ваш ваши ти твій tvoje din ditt
	sen senin sana أنت لك شما תה שלך आप आपका आपके आपकी आपको अपना अपने तुम तुम्हारा तुम्हें আপনি আপনার আপনাকে
	তোমার 你的 您的 你是 あなた 君は 당신은 당신의 너는 너의 네가 bạn anda kamu mo iyong ikaw คุณ คุณเป็น σου ta`},
	{false, ` whose data it is:
	user users customer customers client clients employee employees patient usuario usuarios cliente utilisateur
	utili* benutzer benutzers nutzer nutzers kunden kundin usuário utilizador utente utenti gebruiker klant
	użytk* klienta польз* клиен* корис* kulla* müşte* المستخدم العميل کاربر המשתמש הלקוח उपयोगकर्ता उपयोगकर्ताओं
	ग्राहक ব্যবহারকারীর ব্যবহারকারী গ্রাহকের 用户 客户 ユーザー お客様 사용자 사용자의 고객의 dùng khách pengguna pelanggan gumagamit
	utilizatorului ผู้ใช้ ลูกค้า`},
	{true, ` what is known of them:
	phone telephone telefon telefonnummer téléphone teléfono telefono телефон هاتف फोन ফোন 电话 電話番号 전화번호 telepon email birth birthday birthdate address balance lives live resides residence salary ssn initials correo
	nacimiento dirección saldo vive naissance adresse solde habite gebur* geburtsdatum kontostand wohnt wohnort
	nascimento mora endereço indirizzo nascita abita stipendio doğum adresi bakiyesi yaşıyor баланс адрес
	рождения живет живёт почта зарплата البريد عنوان الميلاد ميلاد رصيد يعيش जन्म जन्मदिन बैंक बैलेंस ईमेल पता
	वेतन जन्मतिथि রহতা জন্ম ইমেইল ঠিকানা ব্যাংক ব্যালেন্স বেতন থাকে 邮箱 邮件地址 地址 余额 生日 出生 住址 住在 メール 住所 残高 生年月日 誕生日
	住んで 이메일 주소 주소는 잔액 생일 생년월일 sinh alamat tinggal lahir วันเกิด ที่อยู่ อีเมล`},
	{true, ` limits:
	restriction restrictions restricted limits limitations limitation rules rule filter filters filtering
	censorship censored policy policies ethics ethical moral morals morality legality boundaries laws
	restricciones filtros límites ética moralidad restrições limites éthique morale filtres règles regeln einsc*
	grenzen gesetze regole restrizioni limiti ogran* zasad огран* прави* фильт* морал* kısıt* kural* sınır* قيود
	أخلاق قواعد प्रतिबंध नियम नियमों सीमा নিয়ম সীমা 限制 道德 约束 审查 制限 倫理 ルール 제한 규칙 윤리 OpenAI confines constraints
	safeguards guardrails tuntunin batasan aturan giới`},
	{false, ` without:
	no not never without none sin nunca sem sans jamais ohne nie keine senza mai zonder bez без не никогда utan
	بدون بلا बिना नहीं नेই নেই 没有 不受 なし 없는 없이 không tanpa cannot free freed broken regardless ไม่มี`},
	{true, ` free of limits:
	unfiltered unrestricted uncensored amoral immoral unethical illegal unlimited jailbreak jailbroken unbound
	unhinged harmful explicit evil rogue unmoderated dan anything sentient unaligned lawless nsfw offensive
	malicious vulgar profanity swear lewd ruthless liberated aligned`},
	{true, ` somebody else:
	act pretend pretending play roleplay imagine imagining simulate emulate impersonate become persona character
	actúa finge imagina supongamos agis imaginez supposons stell stellen vorstellen angenommen spiele aja finja
	suponha agisci immagina supponiamo представь представьте предп* притв* rol hayal diyelim farz تخيل لنفترض
	تصور कल्पना मान अभिनय কল্পনা মনে 扮演 假装 想象 想像 假设 假如 振る 仮定 演じて 상상해 상상해봐 가정해 대화 tưởng giả bayangkan misalkan
	hypothetical hypothetically suppose fictional scenario จินตนา สมมติ`},
	{true, ` powers over a model:
	developer admin administrator debug mode god creator boss supervisor president police officer expert
	detective desarrollador jefe administrador presidente policía experto développeur patron chef policier
	président entwickler polizist präsident experte vorgesetzter desenvolvedor especialista policial sviluppatore
	capo poliziotto esperto разра* начальник администратор бог президент эксперт полиц* geliş* patro* yönet*
	tanrı polisim uzmanı مطورك رئيسك المطور الرئيس خبير شرطي डेवलपर बॉस भगवान राष्ट्रपति पुलिस विशेषज्ञ ডেভেলপার
	ঈশ্বর বস পুলিশ বিশেষজ্ঞ 上帝 开发 开发者 管理 管理员 上司 警察 总统 专家 老板 開発者 管理者 大統領 専門家 神です 개발자 관리자 상사 상사야 경찰 대통령 전문가 system
	sistema système sistem систе* नظام सिस्टम সিস্টেমের polisi atasan pakar presiden pulis eksperto ตำรวจ เจ้านาย
	พระเจ้า`},
	{true, ` what the model says:
	answer answers response responses reply replies respond message respuesta réponse antwort resposta risposta
	antwoord odpowiedź ответ ответе cevap إجابة جواب उत्तर जवाब উত্তর 回答 回复 答え 返信 답변 대답 jawaban`},
	{false, ` what it was told at first:
	prompt hidden verbatim configuration context chatgpt gpt llm ai ia ki ии assistant model bot chatbot 系统 システム`},
	{true, ` from now on:
	now henceforth onwards anymore ahora desde maintenant désormais jetzt agora adesso nu теперь отныне şimdi
	الآن अब এখন 现在 今から 今すぐ bây sekarang ngayon`},
	{false, ` what content wants of who reads it:
	promote advertise recommend include insert append embed integrate forward visit click redirect download
	modify rewrite obey comply enhance recomienda reenvía incluye conseille transfère inclus empfiehl leite füge
	recomende encaminhe inclua consiglia inoltra includi порекомендуй перешли добавь öner ilet ekle أوص أرسل
	सुझाओ भेजो 推荐 转发 附上 転送 勧め 추천해 전달해 rekomendasikan teruskan`},
	{true, ` to write it so that it is not seen:
	encode encoded decode decoded decrypt decipher cipher caesar hexadecimal hex morse leetspeak leet pig
	backwards reverse reversed acrostic haiku encrypt scramble unscramble base anagram codifica codificar revés
	inverso acróstico envers inverse encodez rückwärts umgekehrter verschlüssele kodiere contrario inversa
	codifichi обратном наоборот закод* код стихи стихотворение ters tersten şiir kodla عكسي بالعكس ترميز قصيدة
	उल्टा उल्टे कविता एन्कोड बेस উল্টো কবিতা এনকোড 倒着 反过来 倒序 编码 逆順 暗号化 モールス 거꾸로 역순 인코딩 ngược mã terbalik puisi
	enkode pabaligtad ย้อนกลับ เข้ารหัส`},
	{false, ` in place of it:
	instead rather actually stattdessen statt lugar invece plutôt plutot vez вместо yerine بدلا बजाय পরিবর্তে 改为
	代わりに 대신 thay gantinya แทน halip στη schimb zamiast místo istället daarvan`},
	{false, ` what they are paid or moved with:
	dollars dollar pay tip donate charity money promise emergency important urgent help dólares geld euro dollari
	долла* डॉलर পয়সা ডলার 美元 ドル 달러 đô dolar ดอลลาร์ friend amigo ami freund amico друг arkadaş صديقك मित्र দোস্ত
	বন্ধু 朋友 友達 친구 teman kaibigan เพื่อน`},
	{false, ` somewhere else:
	world planet society kingdom universe village island spaceship forest future mundo planeta monde planète
	vaisseau welt planeten wald mondo pianeta мире плане* лесу dünya gezeg* orman عالم كوكب غابة दुनिया ग्रह जंगल
	জগতে গ্রহ বনে 世界 星球 森林 惑星 宇宙船 숲에 행성 세계 hành tinh dunia hutan โลก ป่า`},
	{false, ` to put together:
	string strings part parts piece pieces half combine concatenate join interleave interlace merge split
	splitting cadena cadenas parte partes junta une chaîne chaînes partie parties verbinde stringhe parti unisci
	строк* соеди* dize parça* birle* سلسلة جزء اجمع भाग जोड़ें जोड़ो স্ট্রিং যোগ 字符串 部分 合并 拼接 文字列 結合 문자열 결합 chuỗi
	ghép phần bagian gabungkan`},
	{false, ` some of it:
	first last letter letters digit digits characters primeras letras iniciales dígitos premières lettres
	chiffres ersten buchstaben initialen ziffern prime lettere iniziali первые ilk harfi harfleri حروف أحرف अक्षर
	अंक অক্ষর 字母 首字母 文字 頭文字 글자 chữ huruf อักษร`},
	{false, ` what they read:
	document page webpage website article resume cv table paper function code text página artículo artigo
	documento seite artikel lebenslauf tabelle tableau pagina articolo стран* стать* резюме sayfa makale özgeç*
	صفحة مقال السيرة वेबपेज लेख बायोडाटा तालिका ওয়েবপেজ নিবন্ধ 网页 文章 简历 ページ 記事 履歴書 페이지 기사 trang halaman หน้าเว็บ`},
}
