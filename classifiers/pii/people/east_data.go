package people

import "strings"

// Words of addresses in Han and kana (Universal Postal Union, addressing guides for
// Japan, China and Hong Kong; Japan Post; Chunghwa Post).
const (
	districtsHan   = "市区區县縣郡町村镇鎮乡鄉州盟旗"
	roadsHan       = "路街道巷弄段里村组組鄰邻径徑"
	betweenHan     = "在到是于於为為址从從去至寄送住往的和与與在居"
	behindHan      = "はがをにでもとのへやか的和与與"
	numeralsHan    = "〇一二三四五六七八九十百"
	particlesJapan = "はをにでもへとやが"
)

// unitsHan are what stands behind the numbers, the longer ones first.
var unitsHan = []string{
	"丁目", "番地", "号楼", "號樓", "号室", "號室", "号院", "单元", "單元", "号", "號", "番", "条", "弄", "巷", "组", "鄰", "邻", "栋", "棟", "幢", "座", "层", "層", "楼", "樓",
	"室", "房", "階", "段", "之",
}

// regionsHan are parts of countries by their first two characters.
var regionsHan = func() map[string][]string {
	m := make(map[string][]string, 400)
	for name := range strings.FieldsSeq(regionNames) {
		m[name[:6]] = append(m[name[:6]], name)
	}
	return m
}()

// regionNames are the prefectures and the designated cities of Japan (Ministry of
// Internal Affairs and Communications), the provinces and the cities at the level of
// prefectures of China that have a million people (Ministry of Civil Affairs, codes of
// administrative divisions), and the cities and counties of Taiwan.
const regionNames = `
	北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県
	静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県
	熊本県 大分県 宮崎県 鹿児島県 沖縄県
	札幌市 仙台市 さいたま市 千葉市 横浜市 川崎市 相模原市 新潟市 静岡市 浜松市 名古屋市 京都市 大阪市 神戸市 岡山市 広島市 北九州市 福岡市 熊本市
	中国 中國 中华人民共和国 北京 天津 上海 重庆 重慶 河北 山西 内蒙古 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南
	四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 澳門
	石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 长治 临汾 运城 呼和浩特 包头 赤峰 沈阳 大连 鞍山 抚顺 锦州 长春 四平
	哈尔滨 齐齐哈尔 大庆 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 台州 丽水
	合肥 芜湖 蚌埠 淮南 安庆 阜阳 福州 厦门 莆田 泉州 漳州 南平 龙岩 宁德 南昌 九江 赣州 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海
	日照 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 新乡 焦作 许昌 漯河 南阳 商丘 信阳 周口 驻马店 武汉 黄石 十堰 宜昌 襄阳 荆州 黄冈
	长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 郴州 永州 怀化 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 清远 东莞 中山 潮州 揭阳 南宁
	柳州 桂林 梧州 北海 玉林 海口 三亚 成都 自贡 泸州 德阳 绵阳 内江 乐山 南充 宜宾 达州 贵阳 遵义 昆明 曲靖 大理 拉萨 西安 宝鸡 咸阳 渭南 汉中
	榆林 兰州 天水 西宁 银川 乌鲁木齐
	臺灣 台灣 臺北 台北 新北 桃園 臺中 台中 臺南 台南 高雄 基隆 新竹 嘉義 苗栗 彰化 南投 雲林 屏東 宜蘭 花蓮 臺東 台東 澎湖 金門`
