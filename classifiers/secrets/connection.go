package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// Connection strings: "Server=db;User Id=app;Password=..." as ADO.NET, ODBC,
// OLE DB and JDBC have them, and those of Azure's services. The whole string is
// reported: the server, the account and the key belong together.

// connectionAnchors end the name of the part that is secret.
var connectionAnchors = []string{"password=", "pwd=", "accountkey=", "sharedaccesskey=", "secret=", "accesskey=", "sharedaccesssignature="}

// maxConnection bounds how far a connection string reaches to either side of
// the secret's name.
const maxConnection = 512

var (
	// connectionClass are the bytes of a connection string in front of the secret.
	connectionClass = ascii.Of(ascii.Alnums + " =;:/.,_-\\()@{}*+~&!#$%^?|[]")
	connectionKeys  = []string{"server=", "host=", "hostname=", "data source=", "datasource=", "user id=", "userid=", "uid=", "user=", "username=",
		"database=", "initial catalog=", "driver=", "provider=", "dsn=", "port=", "endpoint=", "accountname=", "defaultendpointsprotocol=",
		"sharedaccesskeyname=", "id=", "hostname=", "addr=", "address=", "jdbc:"}
)

func (s *scan) connection(h classifiers.Hit) {
	text := s.text
	if h.Start < s.connectionEnd {
		return
	}
	from := connectionClass.Back(text, h.Start, maxConnection)
	for from > 1 && h.Start-from < maxConnection && blank.Has(text[from-1]) { // a part may stand on a line of its own
		back := from - 1
		for back > 0 && blank.Has(text[back-1]) {
			back--
		}
		if back == 0 || text[back-1] != ';' {
			break
		}
		from = connectionClass.Back(text, back, maxConnection)
	}
	if h.Start-from < 4 || !strings.Contains(text[from:h.Start], ";") && !strings.Contains(text[h.End:min(h.End+256, len(text))], ";") {
		return
	}
	end := h.End
	for end < len(text) && end-h.End < maxPassword && text[end] != ';' && text[end] != '"' && text[end] != '\'' && text[end] != '<' && text[end] != '&' && !blank.Has(text[end]) {
		end++
	}
	if !connectionSecret(text[h.End:end]) {
		s.drop(ruleConnection, span{h.End, end}, whyPlaceholder)
		return
	}
	// The rest: more parts behind semicolons.
	stop := end
	for stop < len(text) && text[stop] == ';' && stop-end < maxConnection {
		next := stop + 1
		for next < len(text) && next-stop < 128 && connectionClass.Has(text[next]) && text[next] != ';' {
			next++
		}
		if strings.IndexByte(text[stop+1:next], '=') <= 0 {
			break
		}
		stop = next
	}
	start, known := firstPart(text[from:h.Start])
	if known == 0 {
		if _, known = firstPart(text[end:stop]); known == 0 {
			s.connectionEnd = stop // nor has what is left of it
			s.drop(ruleConnection, span{h.End, end}, whyUnfounded)
			return
		}
		start = h.Start - from - (h.Start - ascii.Ident.Back(text, h.Start, maxName))
	}
	s.connectionEnd = stop
	s.report(ruleConnection, span{from + start, stop}, ruleConnection.sure, "parts of a connection string")
}

// firstPart returns where the first part of a connection string begins in v,
// and how many parts are known.
func firstPart(v string) (start, known int) {
	lower := strings.ToLower(v)
	start = len(v)
	for _, k := range connectionKeys {
		at := strings.Index(lower, k)
		if at < 0 || at > 0 && ascii.Word.Has(lower[at-1]) {
			continue
		}
		known++
		start = min(start, at)
	}
	return start, known
}

// connectionSecret reports whether the value of a connection string's password
// is one, and not the word of a manual.
func connectionSecret(v string) bool {
	if len(v) < 4 || template(v) != "" || wellKnown(v) {
		return false
	}
	k := count(v)
	lower := strings.ToLower(v)
	strong := k.groups() >= 3
	return k.other == 0 && (strong || !strings.Contains(lower, "passw") && !strings.Contains(lower, "pwd") && !strings.Contains(lower, "key"))
}

// netrc reads the entry of a .netrc file at the hit of "machine": a host, a
// login and a password (GNU inetutils, section 11.7). All of it is reported.
func (s *scan) netrc(h classifiers.Hit) {
	text := s.text
	if ascii.WordAt(text, h.Start-1) {
		return
	}
	i := h.End
	login := false
	host := blank.Run(text, i, 32)
	if !strings.ContainsAny(text[host:ascii.Ident.Run(text, host, maxUserinfo)], ".") { // a machine that learns
		return
	}
	for range 4 {
		i = blank.Run(text, i, 32)
		word := i
		for i < len(text) && i-word < maxName && !blank.Has(text[i]) {
			i++
		}
		switch text[word:i] {
		case "login":
			login = true
		case "password":
			start := blank.Run(text, i, 32)
			end := start
			for end < len(text) && end-start < maxPassword && !blank.Has(text[end]) && text[end] != '"' && text[end] != '\'' && text[end] != '`' {
				end++
			}
			if v := text[start:end]; login && len(v) >= 4 && template(v) == "" && !wellKnown(v) {
				s.report(ruleNetrc, span{h.Start, end}, ruleNetrc.sure, "machine, login and password")
			}
			return
		}
	}
}

// stringAt returns what the quoted string at i holds and where it ends.
func stringAt(text string, i int) (at span, end int, ok bool) {
	closing, width := quoteAt(text, i)
	if width == 0 {
		return span{}, 0, false
	}
	start := i + width
	n := quotedEnd(text[start:min(start+maxUserinfo, len(text))], closing)
	if n < 0 {
		return span{}, 0, false
	}
	return span{start, start + n}, start + n + len(closing), true
}

// kerberos reads the hash of a Kerberos ticket in the form of hashcat's modes
// 13100 and 18200, from which a password is guessed offline.
func (s *scan) kerberos(h classifiers.Hit) {
	if h.Start < s.ticketEnd {
		return
	}
	end := h.Start
	for end < len(s.text) && end-h.Start < maxToken && s.text[end] > ' ' && s.text[end] < 0x7f && strings.IndexByte("\"'`<>", s.text[end]) < 0 {
		end++
	}
	s.ticketEnd = end
	if v := s.text[h.Start:end]; len(v) > 64 && strings.Count(v, "$") >= 3 {
		s.report(ruleKerberos, span{h.Start, end}, ruleKerberos.sure, "form of a ticket's hash")
	}
}

// oracle reads the account in front of the host of a thin JDBC URL of Oracle:
// jdbc:oracle:thin:scott/tiger@host.
func (s *scan) oracle(h classifiers.Hit) {
	end := userinfoClass.Run(s.text, h.End, maxUserinfo)
	if end < len(s.text) && s.text[end] == '/' {
		end = userinfoClass.Run(s.text, end+1, maxUserinfo)
	}
	if end >= len(s.text) || s.text[end] != '@' {
		return
	}
	if _, password, ok := strings.Cut(s.text[h.End:end], "/"); ok && connectionSecret(password) {
		s.report(ruleConnection, span{h.End, end}, ruleConnection.sure, "parts of a connection string")
	}
}

// goSource reads the account in front of the address of a data source of Go's MySQL
// driver: ada:password@tcp(host:3306)/name. Strings in front of it are not its own,
// so it is not read from joined pieces.
func (s *scan) goSource(h classifiers.Hit) {
	at := span{userinfoClass.Back(s.text, h.Start, maxUserinfo), h.Start}
	if _, password, ok := strings.Cut(s.text[at.start:at.end], ":"); ok && connectionSecret(password) {
		s.report(ruleConnection, at, sureChosen, "account of a data source")
	}
}
