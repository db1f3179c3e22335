package national

// world are the kinds that no one country gives: of finance, devices and people
// of all countries.
var world = []Kind{
	{"ABA_ROUTING_NUMBER", "#########|####-####-#", abaRouting, Worded, "aba|routing|routing number|rtn|routing transit|transit number|bank routing|aba number", "https://www.aba.com/about-us/routing-number"},
	{"SWIFT_CODE", "@@@@@@**|@@@@@@*****", bic, Worded, "swift|bic|swift code|bic code|swift bic", "https://www.iso9362.org"},
	{"ISIN", "@@*********#", isin, Strong, "isin|wertpapier|security", "https://www.isin.org"},
	{"CUSIP", "*******##|********#", cusip, Worded, "cusip|cusips", "https://www.cusip.com/identifiers.html"},
	{"SEDOL", "*******", sedol, Worded, "sedol", "https://www.lseg.com/en/data-indices-analytics/data/sedol"},
	{"LEI", "******************##", lei, Strong, "lei|legal entity identifier", "https://www.gleif.org/en/about-lei/iso-17442-the-lei-code-structure"},
	{"EIC_CODE", "##@*************", eic, Grouped, "eic|eic code|energy identification", "https://www.entsoe.eu/data/energy-identification-codes-eic/"},
	{"CAS_NUMBER", "#######-##-#|######-##-#|#####-##-#|####-##-#|###-##-#|##-##-#", cas, Grouped, "", "https://www.cas.org/support/documentation/chemical-substances/checkdig"},
	{"EC_NUMBER", "###-###-#", ecNumber, Grouped, "", "https://echa.europa.eu/information-on-chemicals/ec-inventory"},
	{"IMO_NUMBER", "IMO #######", of(3, 0, imo), Strong, "imo|vessel", "https://www.imo.org/en/ourwork/msas/pages/imo-identification-number-scheme.aspx"},
	{"CONTAINER_NUMBER", "@@@U #######|@@@J #######|@@@Z #######", container, Worded, "container|container number", "https://www.bic-code.org/identification-number/"},
	{"FIGI", "@@G********#", figi, Strong, "figi|openfigi", "https://www.openfigi.com"},
	{"CREDITOR_REFERENCE", "RF********|RF*********|RF**********|RF***********|RF************|RF*************|RF**************|RF***************|RF****************|RF*****************|RF******************|RF*******************|RF********************|RF*********************|RF**********************|RF*******|RF******|RF*****", rf, Strong, "reference|creditor reference|rf", "https://www.iso.org/standard/50649.html"},
	{"SEPA_CREDITOR_ID", "@@##***********|@@##************|@@##*************|@@##**************|@@##***************|@@##****************|@@##*****************", sepaCreditor, Strong, "gläubiger id|creditor identifier|creditor id|ics|identificateur créancier", "https://www.europeanpaymentscouncil.eu"},
	{"IMEI", "##-######-######-#|######-##-######-#", luhn, Worded, "imei|imei number|device id", "https://www.gsma.com/solutions-and-impact/industry-services/device-services/"},
	{"MEID", "*#************|*# ###### ###### #", meid, Spoken, "meid", "https://www.3gpp2.org"},
	{"IMSI", "### ## ##########|### ### #########", between(0, 3, 200, 750), Spoken, "imsi|subscriber identity", "https://www.itu.int/rec/T-REC-E.212"},
	{"ICCID", "89 ## ## ############ #|####################|###################", all(first("89"), luhn), Strong, "iccid|sim|sim card", "https://www.itu.int/rec/T-REC-E.118"},
	{"VIN", "*****************", vin, Spoken, "vin|vehicle identification|chassis|fahrgestellnummer|fahrzeug identifizierungsnummer", "https://www.iso.org/standard/52200.html"},
	{"EU_OSS_VAT", "EU#########|IM##########", euOSS, Strong, "oss|ioss" + vatWords, vies},
	{"EU_EXCISE", "@@00000******|@@***********", nil, Spoken, "excise|seed|accise|verbrauchsteuer", "https://ec.europa.eu/taxation_customs/dds2/seed/"},
	{"PASSPORT", "@@#######|@########|@#######|#########|@@######|@######|##@@#####|########|@@@######", nil, Spoken, "passeport|passport|passport no|passport number|pasaporte|reisepass|passaporto|passaporte|passnummer|paspoort|паспорт|загранпаспорт|护照|护照号|護照|パスポート|旅券|여권|جواز السفر|pasaport|paszport", "https://www.icao.int/publications/Documents/9303_p3_cons_en.pdf"},
	{"DRIVER_LICENSE", "@#######|@########|@@######|@@#########|#########|##########|########|@############|@@####### #|##/##/######|###########|@@#######@", nil, Spoken, "permis de conduire|führerscheinnummer|carnet de conducir|permiso de conducir|licencia de conducir|patente di guida|rijbewijs|rijbewijsnummer|prawo jazdy|körkort|driving licence|driving license|driver licence|carta de condução|cnh|habilitação|водительское удостоверение|права|驾驶证|駕照|運転免許証|ehliyet", "https://eur-lex.europa.eu/eli/dir/2006/126/oj"},
	{"LICENSE_PLATE", "@@ ## @@@|@@-###-@@|@@@ ###|@@@-####|@@ @@ ####|@ @@ ####|@@-@@ ####|@@-@@-##|##-@@@-#|#@@@###|@@@#@##|@@@####|@@@##@|## @@ ####|@@##@@|@ ###@@|@### @@@ ###|@@@##|@@###@@|@@####@@", nil, Spoken, "license plate|licence plate|number plate|plate number|kennzeichen|autokennzeichen|immatriculation|plaque d'immatriculation|matrícula|matricula|targa|kenteken|placa|registreringsnummer|nummerplade|номерной знак|госномер|车牌|車牌|車牌號|ナンバープレート|numer rejestracyjny", "https://en.wikipedia.org/wiki/Vehicle_registration_plate"},
	{"UK_VEHICLE_REGISTRATION", "@@## @@@|@### @@@|@## @@@|@# @@@|@@@ ###@|@@@ ##@", ukPlate, Spoken, "registration|reg|vehicle|number plate|registration plate|vrn|vrm|car|plate|registered", "https://www.gov.uk/government/publications/vehicle-registration-numbers-and-number-plates"},
}
