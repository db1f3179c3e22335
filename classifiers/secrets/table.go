package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// Passwords in the columns of tables whose header names them: CSV (RFC 4180) and what
// spreadsheets paste, Markdown, and the rows of SQL's INSERT.

const (
	maxColumns = 16
	maxRows    = 64  // that are read below a header
	maxRow     = 512 // bytes
	maxHead    = 40  // bytes of the name of a column
)

// column reports the passwords below the name of a column, when it is one. The
// header is the first line of its table: nothing stands above it, or, in Markdown, a
// line of dashes below.
func (s *scan) column(name span, kind nameKind) bool {
	if kind != namePassword && kind != nameSecret {
		return false
	}
	text := s.text
	from, to := rowAround(text, name.start)
	sep := separatorOf(text[from:to])
	if sep == 0 {
		return false
	}
	var room [maxColumns]span
	header := cells(room[:0], text, span{from, to}, sep)
	at := -1
	for i, c := range header {
		if headerClass.Run(text, c.start, maxHead) < c.end {
			return false
		}
		if c.start <= name.start && name.end <= c.end {
			if sep == ' ' && name.end < c.end { // "Password policy"
				return false
			}
			at = i
		}
	}
	if at < 0 || sep != '|' && from > 0 && (text[from-1] != '\n' || !paragraph(text[max(from-maxRow, 0):from])) {
		return false
	}
	read := false
	for n := 0; n < maxRows && to < len(text); n++ {
		from, to = rowAround(text, to+1)
		dashes := strings.Trim(text[from:to], "|-: \t\r") == ""
		if dashes != (sep == '|' && n == 0) && (sep != ' ' || n > 0) {
			break
		}
		row := cells(room[:0], text, span{from, to}, sep)
		if len(row) != len(header) {
			break
		}
		if !dashes {
			s.cell(row[at], kind)
			read = true
		}
	}
	return read
}

// cell reports what stands in the column of a secret.
func (s *scan) cell(at span, kind nameKind) {
	if at.start == at.end {
		return
	}
	v := s.text[at.start:at.end]
	if hashEnd(s.text, at.start) == at.end {
		s.report(ruleHash, at, ruleHash.sure, "hash in the column of a password")
		return
	}
	judged := toldPassword(v, false)
	if k := count(v); k.digit == 0 && k.groups() == 3 && len(v) >= 12 && k.other == 0 && !plain(v) && template(v) == "" {
		judged = verdict{sureDrawn, "letters that form no words, and marks"}
	}
	if kind != namePassword {
		judged = judgeValue(v, kind, formQuoted)
	}
	s.settle(ruleGeneric, at, judged)
}

// rowAround returns the line that the byte at i is in, without its end, or what of
// it is no further away than a line may be long.
func rowAround(text string, i int) (from, to int) {
	lo, hi := max(i-maxRow, 0), min(i+maxRow, len(text))
	from = lo + strings.LastIndexByte(text[lo:i], '\n') + 1
	if n := strings.IndexByte(text[i:hi], '\n'); n >= 0 {
		return from, i + n
	}
	return from, hi
}

// separatorOf returns what parts the cells of a line, or 0.
func separatorOf(line string) byte {
	for _, sep := range []byte{'|', '\t', ';', ','} {
		if strings.IndexByte(line, sep) >= 0 {
			return sep
		}
	}
	if strings.Contains(strings.TrimSpace(line), "  ") { // columns that stand below each other
		return ' '
	}
	return 0
}

// paragraph reports whether what stands in front of a line, as far as it is given, ends a
// paragraph: an empty line, a colon, the fence of a block.
func paragraph(text string) bool {
	above := strings.TrimRight(text, " \t\r\n")
	return above == "" || strings.Count(text[len(above):], "\n") > 1 || strings.HasSuffix(above, ":") ||
		strings.HasPrefix(above[strings.LastIndexByte(above, '\n')+1:], "```")
}

// cells appends the cells of a line to out, without space and quotation marks around
// them; those behind its room are left out.
func cells(out []span, text string, line span, sep byte) []span {
	for line.end > line.start && (blank.Has(text[line.end-1]) || sep == '|' && text[line.end-1] == sep) {
		line.end--
	}
	for line.start < line.end && (text[line.start] == ' ' || sep == '|' && text[line.start] == sep) {
		line.start++
	}
	start, quoted := line.start, false
	for i := line.start; i <= line.end && len(out) < cap(out); i++ {
		switch {
		case i < line.end && text[i] == '"':
			quoted = !quoted
		case sep == ' ' && i < line.end && (text[i] != ' ' || text[i+1] != ' ' && (i == start || text[i-1] != ' ')):
		case sep == ' ' && i < line.end:
			if gap := spaces.Run(text, i, line.end-i); gap > i {
				out = append(out, span{start, i})
				start, i = gap, gap-1
			}
		case i == line.end || text[i] == sep && !quoted:
			c := span{start, i}
			for c.start < c.end && strings.IndexByte(cellMarks, text[c.start]) >= 0 {
				c.start++
			}
			for c.start < c.end && strings.IndexByte(cellMarks, text[c.end-1]) >= 0 {
				c.end--
			}
			out, start = append(out, c), i+1
		}
	}
	return out
}

var headerClass = ascii.Of(ascii.Alnums + " _-./#()")

const cellMarks = " \t\r\"'`*"

// maxTuples is how many rows of an INSERT are read.
const maxTuples = 32

// insert reports the passwords among the values of an INSERT that names its columns.
func (s *scan) insert(h classifiers.Hit) {
	text := s.text
	limit := min(h.End+maxRow, len(text))
	open := strings.IndexByte(text[h.End:limit], '(')
	if open < 0 {
		return
	}
	open += h.End
	shut := strings.IndexByte(text[open:limit], ')')
	if shut < 0 {
		return
	}
	shut += open
	var room [maxColumns]span
	at, kind := -1, nameNone
	for i, c := range cells(room[:0], text, span{open + 1, shut}, ',') {
		if k := judgeName(text[c.start:c.end], ""); k == namePassword || k == nameSecret {
			at, kind = i, k
		}
	}
	i := blank.Run(text, shut+1, 16)
	if at < 0 || len(text)-i < len("values") || !strings.EqualFold(text[i:i+len("values")], "values") {
		return
	}
	i += len("values")
	for range maxTuples {
		i = blank.Run(text, i, 16)
		if i >= len(text) || text[i] != '(' {
			return
		}
		end := min(i+maxRow, len(text))
		for n := 0; n <= at; n++ {
			i = blank.Run(text, i+1, 16)
			value, behind, ok := stringAt(text, i)
			if !ok {
				behind = i + max(strings.IndexAny(text[i:end], ",)"), 0)
			}
			if ok && n == at {
				s.cell(value, kind)
			}
			if i = blank.Run(text, behind, 16); i >= end || text[i] != ',' && n < at {
				return
			}
		}
		shut := strings.IndexByte(text[i:end], ')')
		if shut < 0 {
			return
		}
		if i = blank.Run(text, i+shut+1, 16); i >= len(text) || text[i] != ',' {
			return
		}
		i++
	}
}
