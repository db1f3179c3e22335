package classifiers

import "strings"

const (
	maxColumnLine = 1 << 10  // bytes of a line of a table
	maxTable      = 64 << 10 // bytes that are read above a cell
	maxHeading    = 40       // bytes of the heading of a column
)

// Columns reads the headings of tables: of CSV (RFC 4180), of what spreadsheets paste,
// of Markdown. The lines of a table are those that have as many cells as the one below
// them; its first line is the heading when it is like one. It remembers the
// table that it read last, so the time for places in their order is linear.
type Columns struct {
	Text string

	read           bool
	from, to       int      // what was looked at last: a line, or a part of one that is too long
	line           int      // where the line that was read last starts
	shape          tableRow // of it
	header, bottom int      // where the heading starts, and ends; bottom 0: none
}

// A tableRow is what parts the cells of a line, and how many there are, less one.
type tableRow struct {
	sep  byte
	gaps int
}

// Heading returns what stands above the cell that the byte at the offset is in, "" when
// it is in no table or in the heading itself.
func (c *Columns) Heading(at int) string {
	if !c.read || at < c.from || at > c.to {
		from, to, ok := c.around(at)
		if c.from, c.to = from, to; ok {
			c.climb(from, rowOf(c.Text[from:to]))
		} else {
			c.read, c.line, c.bottom = true, -1, 0
		}
	}
	if c.bottom == 0 || c.header == c.line {
		return ""
	}
	cell := cellOf(c.Text[c.header:c.bottom], c.shape.sep, separators(c.Text[c.line:at], c.shape.sep))
	if len(cell) > maxHeading {
		return ""
	}
	return cell
}

// climb reads the table of the line that starts at from, upwards.
func (c *Columns) climb(from int, shape tableRow) {
	top := from
	header, bottom, known := from, 0, false
	for shape.gaps > 0 && top > 0 && from-top < maxTable {
		above, below, ok := c.around(top - 1)
		if !ok || rowOf(c.Text[above:below]) != shape {
			break
		}
		if c.read && above == c.line && c.header != c.line {
			header, bottom, known = c.header, c.bottom, true
			break
		}
		top, header, bottom = above, above, below
	}
	if !known && bottom > 0 && !heading(c.Text[header:bottom], shape.sep) {
		bottom = 0
	}
	c.read, c.line, c.shape, c.header, c.bottom = true, from, shape, header, bottom
}

// heading tells whether a line with commas or the like may be that of a table: no
// sentence, and without numbers, but for address1 and phone2.
func heading(line string, sep byte) bool {
	if line = strings.TrimRight(line, "\r "); sep == ',' && (strings.HasSuffix(line, ",") || strings.Contains(line, ", ")) {
		return false
	}
	for i := 1; i < len(line); i++ {
		if line[i]-'0' <= 9 && line[i-1]-'0' <= 9 {
			return false
		}
	}
	return true
}

// around returns the line that the offset is in; ok is false when it is too long, and then
// it is the part of it behind the offset.
func (c *Columns) around(at int) (from, to int, ok bool) {
	lo, hi := max(0, at-maxColumnLine), min(len(c.Text), at+maxColumnLine)
	from = lo + strings.LastIndexByte(c.Text[lo:at], '\n') + 1
	to = hi
	if n := strings.IndexByte(c.Text[at:hi], '\n'); n >= 0 {
		to = at + n
	}
	if from == lo && lo > 0 || to == hi && hi < len(c.Text) {
		return at, to, false
	}
	return from, to, true
}

// rowOf tells what parts the cells of a line.
func rowOf(line string) tableRow {
	for _, sep := range [...]byte{'\t', '|', ';', ','} {
		if n := separators(line, sep); n > 0 {
			return tableRow{sep, n}
		}
	}
	return tableRow{}
}

// separators counts them, outside the quotation marks that a cell begins with.
func separators(text string, sep byte) int {
	n := 0
	for i := nextCell(text, 0, sep); i <= len(text); i = nextCell(text, i, sep) {
		n++
	}
	return n
}

// cellOf returns a cell of a line.
func cellOf(line string, sep byte, n int) string {
	from := 0
	for ; n > 0 && from <= len(line); n-- {
		from = nextCell(line, from, sep)
	}
	if from > len(line) {
		return ""
	}
	return line[from : nextCell(line, from, sep)-1]
}

// nextCell returns where the cell behind the one that begins at i begins, more than the
// length of the line when there is none.
func nextCell(line string, i int, sep byte) int {
	if i < len(line) && line[i] == '"' {
		if n := strings.IndexByte(line[i+1:], '"'); n >= 0 {
			i += n + 1
		}
	}
	if n := strings.IndexByte(line[i:], sep); n >= 0 {
		return i + n + 1
	}
	return len(line) + 1
}
