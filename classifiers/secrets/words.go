package secrets

import (
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// pairs holds how much likelier than by chance the second letter follows the
// first in words: one row for each first letter and one for the start of a
// word, one byte for each second letter, '0'+31 for "as by chance" and five
// steps to a bit. Counted over the words that occur in the identifiers and
// comments of the Go standard library; it holds no text of it.
const pairs = "" +
	"HPTSDJL9L9GWQU:O=VSXHQBKF9" +
	"VNPJUKI>VJ<YKDQHCRTHUFG?KA" +
	"WEOIVGEUN2SQMGYG@ONUMK><C4" +
	"SLMU\\JCBYA8MKHPIHPRGPIMGH:" +
	"QFSWKML?D4<PNVALGYXRAJEP@9" +
	"RHNNSZG;Y53SMLTL5QQLO?E@G:" +
	"PHQHZGKPS5<NHSYM:UTMNED=<@" +
	"[HDL\\DCDW9DMJEVE;QMPPAF;E:" +
	"MJSPNMP8=;<RQ]TL8MRU6M8E0L" +
	"XJNMWKFHNBOIOLTN?BZFVFFC>>" +
	"PFJL^JRDW==NMNKKCEWLJDI@H;" +
	"UEEQ[HEDY0AVBEWE>EONLHF@R>" +
	"ZMGJZA>?V0CINDWX7BQKRB<?C0" +
	"SCSUVKX@Q9JIFIRF=DUYJKA2@;" +
	"KKRQCMK:H7GQRZNR0XQQQQMB63" +
	"WDNKXEFJP0HTMAUP=YTSNAB>C0" +
	"JLIPLGFMJ4AJTE@KORKG`NJCKG" +
	"WDLM]HI=V2GKNJUG<OSQKGD>K3" +
	"PFQHYCERV0GMIDNPDKS[S>H@N<" +
	"VDKG[HAQZ0;KHBRK:VSML@CDN?" +
	"NTOJONJ?Q25URZFQ@TUV7DAG0?" +
	"VKPM\\PFGS07LREKVIJTLILMH7A" +
	"ZIJMVJEQV4?JOQVI>USHKEKI9B" +
	"PNSOTQBEQ95ILAMWCJQYGVHQH6" +
	"IIMKNEA@P=DKXUJ[9IXS@OFGIK" +
	"TJNKaFFGT?8HDDPB>HK?FGKNGS" +
	"WNTQQPMJPBBNPNNRARVPMOJIDA"

// wordiness returns how much the letters of s follow each other as they do in
// words, in bits for a letter, and how many letters were judged: words are
// around 0.9, random letters around -1. Only runs of three letters or more
// count; case is ignored.
func wordiness(s string) (float64, int) {
	sum, letters := 0, 0
	for i := 0; i < len(s); {
		if !ascii.Letter.Has(s[i]) {
			i++
			continue
		}
		end := ascii.Letter.Run(s, i, len(s))
		if end-i >= 3 {
			prev := byte(26)
			for _, c := range []byte(s[i:end]) {
				c = (c | 0x20) - 'a'
				sum += int(pairs[int(prev)*26+int(c)]) - ('0' + 31)
				prev = c
			}
			letters += end - i
		}
		i = end
	}
	if letters == 0 {
		return 0, 0
	}
	return float64(sum) / 5 / float64(letters), letters
}
