package people

// Words around names in scripts without capitals, and the surnames that begin them: of
// China (Ministry of Public Security, the most frequent of 2020), of Japan (Meiji Yasuda
// Life, surnames of its customers, 2018) and of Korea (Statistics Korea, census of 2015).
// Left out is what mostly begins other words.
const (
	surnamesChina = `王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文
		張劉陳楊趙黃吳孫馬羅鄭謝韓馮鄧許呂蘇盧蔣賈葉閻鐘譚鄒陸顧龍萬錢湯賀賴龔莊庄严嚴柯洪翁凌倪欧歐游詹簡简温溫蓝藍施涂塗`
	compoundChina = "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 皇甫 令狐 尉迟 公孙 慕容 夏侯 司徒 端木"
	surnamesKorea = "김이박최송정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예봉경사부"
	// surnames of Japan of two characters and more, and of one that stand alone often.
	surnamesJapan = `佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 斎藤 斉藤 齋藤 齊藤 清水 山崎 阿部 池田 橋本 山下 石川 中島 前田 藤田 後藤 小川
		岡田 村上 長谷川 近藤 石井 遠藤 坂本 青木 藤井 西村 福田 太田 三浦 藤原 松田 岡本 中川 中野 原田 小野 田村 竹内 金子 和田 中山 石田 上田 森田 柴田 酒井 工藤 横山 宮崎 宮本 内田 高木 安藤 谷口 大野
		丸山 今井 高田 藤本 武田 村田 上野 杉山 増田 平野 菅原 久保 松井 千葉 岩崎 桜井 木下 野口 松尾 野村 菊地 菊池 佐野 大西 杉本 新井 古川 浜田 市川 小松 水野 島田 小島 山内 西田 高野 五十嵐 吉川 川口
		西川 北村 安田 飯田 平田 川崎 本田 久保田 吉村 東 中田 岩田 服部 辻 関 土屋 矢野 川上 松岡 秋山 望月 田口 永井 岡崎 福島 樋口 荒木 須藤 上原 大塚 熊谷 大橋 早川 片山 小池 荒井 栗原 黒田 岩本 星野 小山 松下 西山
		堀内 内藤 広瀬 河野 松村 成田 石原 大島 浅野 坂口 大久保 宮田 菅野 馬場 高山 吉岡 平井 尾崎 奥村 森本 三宅 篠原 大谷 鎌田 岩井 村松 関口 河合 小田 渡部 三好 戸田 柳田 田辺 石橋 本間 川村 川田 福井 八木 天野 西 大石
		森下 根本 白石 榎本 野田 中西 細川 松浦 富田 青山 児玉 荻野 吉野 小西 堀江 堀 林 森 原 岡 谷 南 北 星 泉 牧野 桑原 浅井 稲垣 川島 長田 長野 永田 神田 津田 塚本 小泉 植田 畠山 黒木 日高 甲斐 比嘉 金城 大城 宮城 島袋 新垣 玉城`
	// names of fields that hold a name, by which a name stands.
	fieldsHan = `姓名 名字 联系人 聯絡人 聯繫人 患者 病人 收件人 收货人 收貨人 寄件人 申请人 申請人 持卡人 户名 戶名 法定代表人 员工 員工 被保险人 被保險人 投保人 受益人 乘客 旅客 经办人 负责人 負責人 担保人 借款人 承租人 出租人 签字人 同事 客户 客戶 本人
		氏名 名前 契約者 契約者名 担当 担当者 患者名 宛名 名義人 受取人 申込者 申請者 代表者 保護者 顧客名 お客様名 社員名 送り主 依頼主 勤務者 被保険者`
	saysHan      = "我是 我叫 名叫 我叫做"
	behindHan2   = "先生 女士 小姐 太太"
	behindJapan  = "様 さん 氏 殿 くん ちゃん"
	fieldsThai   = "ชื่อ-นามสกุล ชื่อ-สกุล ชื่อ นางสาว นาย นาง คุณ"
	nameThai     = "ชื่อ"
	behindKorean = "씨 님 과장 대리 부장 차장 사원 선생님 교수 교수님 환자 팀장 팀장님 대표 대표님 이사 이사님 사장 사장님 변호사 간호사 고객님"
	// how words for people and things end that begin like names.
	endsKorea = "자사인장원관님들은는이가를을의에도로과와함한중형성적화"
	// the last syllable of a part of a firm or a state.
	officesKorea  = "팀시과부"
	compoundKorea = "남궁 황보 제갈 사공 선우 서문 독고 동방"
	officesJapan  = "店部課社室局係院県市区町寺"
	// words that begin like a form of address.
	notBehindJapan = "様式 様子 様々 様相 様態 氏名 氏族 殿堂"
	// how people are called by what they do or where they are from, and such words whole.
	endsChina = "人员員手工家管者领領师師"
	notChina  = "高中生 高一 高二 高三 高级 高級"
	// words that titles begin: quality, employer, angel.
	compoundThai = "สมบัติ ภาพ ค่า ธรรม ลักษณะ ประโยชน์ วุฒิ หมอ ครู แม่ พ่อ กรัฐมนตรี กเทศมนตรี กสมาคม จ้าง หน้า แพทย์ ทะเบียน ทหาร อำเภอ ตำรวจ ช่าง ฟ้า แบบ เอก พยาบาล งาม ร้าย เงือก"
	// words of sentences, which say you to whom they speak, and what else has a name.
	notThai = `และ หรือ ที่ ของ ใน จะ ได้ เป็น มีคำ มีข้อ มีปัญหา มีสิทธิ์ มีความ คือ ไม่ ควร อาจ กำลัง เคย อยาก ใช้ ให้ ทำ คิด รู้ ช่วย ว่า นี้ นั้น สามารถ ต้อง กับ เพื่อ จาก แล้ว ลอง เลือก ทราบ
		บริษัท โครงการ ผู้ใช้ ไฟล์ สินค้า ร้าน โรงแรม หนังสือ เพลง เรื่อง ห้อง จังหวัด เมือง ตัวแปร ฟังก์ชัน ระบบ รุ่น`
)

// fieldWords are names of fields in scripts that part words.
var fieldWords = []roleWords{
	{labels, `성명 이름 고객명 환자명 담당자 예금주 신청인 성함 수신인 계약자 직원 대표자 보호자 작성자 신청자 수취인 받는사람 보내는사람 직원명 임차인 임대인 피보험자
		שם לקוח מטופל עובד الاسم العميل المريض الموظف المستفيد اسم नाम ग्राहक मरीज`},
	{addressed, `السيد السيدة الآنسة الدكتور שמי מר גברת श्री श्रीमती`},
	{otherNames, `회사 파일 제품 상품 서비스 모델 프로젝트 서버 팀 앱 도메인 호텔 학교 책 노래 영화 브랜드 지역 도시 국가 변수 함수 클래스
		غير مجهول شركة بنك ملف منتج مشروع مدينة الرئيس المدير الوزير يعاني לא אין אינו בנק חברת חברה קובץ מוצר פרויקט अज्ञात फ़ाइल कंपनी उत्पाद बैंक`},
	{hints, `名 人 者 是 叫 户 戶 事 客 员 員 做 当 主 先 女 小 太 様 さ 氏 殿 く ち ช น ค`},
}
