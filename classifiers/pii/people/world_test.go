package people_test

// Addresses as the posts of their countries write them.
var worldStreets = yes(
	// the number behind a comma
	"Moro na Rua dos Pinheiros, 480, apto 71, Porto Alegre. => Rua dos Pinheiros, 480, apto 71, Porto Alegre",
	"Rua Augusta, nº 1200, 3º andar, 01304-001 São Paulo - SP => Rua Augusta, nº 1200, 3º andar, 01304-001 São Paulo - SP",
	"Av. Brasil, 2033 - Centro, Belo Horizonte - MG, 30140-001 => Av. Brasil, 2033 - Centro, Belo Horizonte - MG, 30140-001",
	"vive en Calle Mayor, 12, 2º C, 28013 Madrid => Calle Mayor, 12, 2º C, 28013 Madrid",
	"C/ Serrano, 21, 1º izq, 28001 Madrid => C/ Serrano, 21, 1º izq, 28001 Madrid",
	"abito in Via Garibaldi, 8, 20121 Milano (MI) => Via Garibaldi, 8, 20121 Milano (MI)",
	"Viale Europa, 190, 00144 Roma RM => Viale Europa, 190, 00144 Roma RM",
	"12, rue de la Paix => 12, rue de la Paix",
	"5 ter, rue des Écoles, 75005 Paris => 5 ter, rue des Écoles, 75005 Paris",
	"118bis boulevard Voltaire, 75011 Paris => 118bis boulevard Voltaire, 75011 Paris",
	"вул. Шевченка, 22, Київ => вул. Шевченка, 22, Київ",
	"г. Новосибирск, Красный проспект, 28 => г. Новосибирск, Красный проспект, 28",
	// the number behind a word or a sign
	"ул. Гагарина, дом 15, корпус 2, квартира 48, Самара => ул. Гагарина, дом 15, корпус 2, квартира 48, Самара",
	"Тверская ул., д. 7, Москва => Тверская ул., д. 7, Москва",
	"улица Мира № 5 => улица Мира № 5",
	"İstiklal Cad. No:45 Kat:3 Daire:7, 34430 Beyoğlu İstanbul => İstiklal Cad. No:45 Kat:3 Daire:7, 34430 Beyoğlu İstanbul",
	"Cumhuriyet Mah. Gül Sok. No: 12 D: 4 Kadıköy => Cumhuriyet Mah. Gül Sok. No: 12 D: 4 Kadıköy",
	"Str. Lipscani nr. 12, sc. B, et. 2, ap. 8, București => Str. Lipscani nr. 12, sc. B, et. 2, ap. 8, București",
	"Calea Victoriei 155, bl. D1, București 010073 => Calea Victoriei 155, bl. D1, București 010073",
	"Cra. 43A # 1-50, Medellín => Cra. 43A # 1-50, Medellín",
	"Calle 93 No. 11-27, Bogotá => Calle 93 No. 11-27, Bogotá",
	"Jl. Diponegoro No. 9, Bandung 40115 => Jl. Diponegoro No. 9, Bandung 40115",
	"No. 18, Galle Road, Colombo 00300 => No. 18, Galle Road, Colombo 00300",
	// small words and numbers inside
	"Straße des 17. Juni 135, 10623 Berlin => Straße des 17. Juni 135, 10623 Berlin",
	"Na Příkopě 14, 110 00 Praha 1 => Na Příkopě 14, 110 00 Praha 1",
	"27 rue des Lilas, 69003 Lyon => 27 rue des Lilas, 69003 Lyon",
	"Av. 9 de Julio 1925, C1073ABA Buenos Aires => Av. 9 de Julio 1925, C1073ABA Buenos Aires",
	// units
	"ul. Marszałkowska 84/92 m. 115, 00-514 Warszawa => ul. Marszałkowska 84/92 m. 115, 00-514 Warszawa",
	"Kossuth Lajos utca 12. 2. em. 5., 1053 Budapest => Kossuth Lajos utca 12. 2. em. 5., 1053 Budapest",
	"Vesterbrogade 10, 3. th, 1620 København V => Vesterbrogade 10, 3. th, 1620 København V",
	"Aleksanterinkatu 17 A 5, 33100 Tampere => Aleksanterinkatu 17 A 5, 33100 Tampere",
	"Herengracht 182-B, 1016 BR Amsterdam => Herengracht 182-B, 1016 BR Amsterdam",
	"Suite 5, Level 3, 100 Collins Street, Melbourne VIC 3000 => Suite 5, Level 3, 100 Collins Street, Melbourne VIC 3000",
	"Blk 45 Bedok North Street 3 #05-112 Singapore 460045 => Blk 45 Bedok North Street 3 #05-112 Singapore 460045",
	// postcodes
	"14 Oakfield Road, Bristol BS8 2AL => 14 Oakfield Road, Bristol BS8 2AL",
	"Flat 2B, 9 Station Road, Leeds LS1 4DY => Flat 2B, 9 Station Road, Leeds LS1 4DY",
	"17 Merrion Square, Dublin 2, D02 X285 => 17 Merrion Square, Dublin 2, D02 X285",
	"4500 Bank Street, Unit 12, Ottawa, ON K1T 3W8 => 4500 Bank Street, Unit 12, Ottawa, ON K1T 3W8",
	"55 Rue Saint-Paul, Québec (QC) G1K 3V8 => 55 Rue Saint-Paul, Québec (QC) G1K 3V8",
	"10 Main Street, George Town, Grand Cayman KY1-1102 => 10 Main Street, George Town, Grand Cayman KY1-1102",
	"ul. Piotrkowska 99, 90-926 Łódź => ul. Piotrkowska 99, 90-926 Łódź",
	"Coolsingel 40, 3011AD Rotterdam => Coolsingel 40, 3011AD Rotterdam",
	"Bahnhofstrasse 3, CH-8001 Zürich => Bahnhofstrasse 3, CH-8001 Zürich",
	"Kungsgatan 12, SE-411 19 Göteborg => Kungsgatan 12, SE-411 19 Göteborg",
	"Travessa do Carmo 9, 1200-095 Lisboa => Travessa do Carmo 9, 1200-095 Lisboa",
	"D-80331 München, Sendlinger Str. 9 => D-80331 München, Sendlinger Str. 9",
	"75008 Paris, 12 avenue Montaigne => 75008 Paris, 12 avenue Montaigne",
	"10 Dizengoff Street, Tel Aviv 6433222 => 10 Dizengoff Street, Tel Aviv 6433222",
	// Asia and Africa, romanised
	"152 Teheran-ro, Gangnam-gu, Seoul 06236 => 152 Teheran-ro, Gangnam-gu, Seoul 06236",
	"Flat No. 301, Lake View Apartments, Linking Road, Mumbai 400 050 => Flat No. 301, Lake View Apartments, Linking Road, Mumbai 400 050",
	"C-12, Sector 18, Gurugram, Haryana 122015 => C-12, Sector 18, Gurugram, Haryana 122015",
	"99/1 Moo 4, Sukhumvit Road, Bangkok 10110 => 99/1 Moo 4, Sukhumvit Road, Bangkok 10110",
	"45 Đường Lê Lợi, Quận 3, TP. Hồ Chí Minh => 45 Đường Lê Lợi, Quận 3, TP. Hồ Chí Minh",
	"No. 7, Section 5, Xinyi Road, Taipei 110 => No. 7, Section 5, Xinyi Road, Taipei 110",
	"Plot 23, Kenyatta Avenue, Nairobi => Plot 23, Kenyatta Avenue, Nairobi",
)

var noWorldStreets = join(
	no("a comma that parts", "See Table 4, Rue Morgue, 1841.", "by Roma, 10 pages", "Rua, 3 vezes por semana", "La calle, 5 minutos a pie", "Via Email, 10 users complained",
		"die Hauptstraße, 12 Kilometer südlich", "Der Platz, 12 Meter breit", "Main Street, 2019 was hard", "page 12, Place of Birth", "on Wall Street, 5 banks failed", "In Paris, 15 people attended"),
	no("a number by its word alone", "No: 5 is alive. No. 12 is missing.", "No. 5 Mambo", "Issue #12, PR #34", "Carrera 911 Turbo", "Calle 13 is a band"),
	no("small words", "Am Montag, 12 Uhr", "Im Jahr 2019, 10 Prozent", "An Ostern 2020 waren 300 da"),
	no("parts of other things", "Sector 7, Level 3", "Phase 2, Ward 5 won", "Unit 5, Lesson 3", "Level 12, 60 seconds left", "RFC 4254 Section 6.4", "my address: RFC 8738 Section 6"),
	no("codes of other things", "Model M14 6XX", "version SW1A 2AA", "A1B 2C3", "a score of 3-2-1 Tokyo won"),
	no("code", "WriteTo(os.Stdout, 2)", "ParseInt(sizeStr, 10, 64)", "max(c.MaxStreams, 100)", "seq(1, os.Stdout)", "return 0, r.makeError()", "[ $WORKERS -gt 1 ]", "24 - r.nBits"),
)

var worldWeak = yes(
	"Am Neuen Tor 4, 10115 Berlin => Am Neuen Tor 4, 10115 Berlin",
	"Zum Alten Zollhof 4, 40221 Düsseldorf => Zum Alten Zollhof 4, 40221 Düsseldorf",
	"An der Alster 12-14, 20099 Hamburg => An der Alster 12-14, 20099 Hamburg",
	"Obchodná 27, 811 06 Bratislava => Obchodná 27, 811 06 Bratislava",
	"1-7-1 Konan, Minato-ku, Tokyo 108-0075, Japan => 1-7-1 Konan, Minato-ku, Tokyo 108-0075, Japan",
	"3-4-5 Umeda, Kita-ku, Osaka-shi, Osaka 530-0001 => 3-4-5 Umeda, Kita-ku, Osaka-shi, Osaka 530-0001",
	"Unter den Linden 77, 10117 Berlin => Unter den Linden 77, 10117 Berlin",
	"Nowy Świat 15/17 m. 3, 00-029 Warszawa => Nowy Świat 15/17 m. 3, 00-029 Warszawa",
	"25 Nguyễn Huệ, Phường Bến Nghé, Quận 1, TP. Hồ Chí Minh => 25 Nguyễn Huệ, Phường Bến Nghé, Quận 1, TP. Hồ Chí Minh",
)

var eastern = yes(
	"〒530-0001 大阪府大阪市北区梅田3丁目1番3号 => 〒530-0001 大阪府大阪市北区梅田3丁目1番3号",
	"住所は東京都渋谷区神宮前1丁目2番3号です => 東京都渋谷区神宮前1丁目2番3号",
	"東京都港区港南二丁目十六番三号です => 東京都港区港南二丁目十六番三号",
	"〒450-0002 愛知県名古屋市中村区名駅三丁目四番 => 〒450-0002 愛知県名古屋市中村区名駅三丁目四番",
	"東京都港区港南2-16-1 => 東京都港区港南2-16-1",
	"横浜市西区みなとみらい2-2-1 => 横浜市西区みなとみらい2-2-1",
	"北海道札幌市中央区北一条西2丁目1番地です => 北海道札幌市中央区北一条西2丁目1番地",
	"北京市朝阳区建国路88号 => 北京市朝阳区建国路88号",
	"广东省深圳市南山区科技园南路18号 => 广东省深圳市南山区科技园南路18号",
	"我住在杭州市西湖区文三路90号3号楼501室 => 杭州市西湖区文三路90号3号楼501室",
	"上海市浦东新区世纪大道100号环球金融中心12楼 => 上海市浦东新区世纪大道100号环球金融中心12楼",
	"台中市西屯區台灣大道三段99號12樓之3 => 台中市西屯區台灣大道三段99號12樓之3",
	"110台北市信義區松仁路100號 => 110台北市信義區松仁路100號",
	"香港九龍彌敦道132號 => 香港九龍彌敦道132號",
	"서울특별시 강남구 테헤란로 152 => 서울특별시 강남구 테헤란로 152",
	"성남시 분당구 판교역로192번길 12, 301호 => 성남시 분당구 판교역로192번길 12, 301호",
	"서울 마포구 양화로 45, 101동 1203호에 삽니다 => 서울 마포구 양화로 45, 101동 1203호",
	"서울시 종로구 세종대로 209 (세종로) => 서울시 종로구 세종대로 209 (세종로)",
	"인천 연수구 송도동 24-5번지 => 인천 연수구 송도동 24-5번지",
)

var noEastern = join(
	no("a number, and no street", "北京有3号线和88号公交车", "3号楼 和 12番", "第3号决议", "北京市第3号文件", "他在北京市工作了10年", "東京都2023年12月3日", "東京都で3番目に大きい"),
	no("a street, and no city", "南京路88号", "长安街10公里", "1丁目", "三丁目の夕日", "平成三年二丁目", "地铁1号线"),
	no("scores", "横浜市で3-1で勝った", "横浜市戦3-1", "上海3-1北京"),
	no("counts", "서울 100대 기업 2023년", "서울 강남구 3개 지점", "경기도 31개 시군", "강남구 100명", "다시 바로 100", "서울에서 부산으로 3시간"),
)
