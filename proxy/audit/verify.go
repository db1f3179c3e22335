package audit

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// The most that Verify keeps: exchanges without completion at any one time, and
// those of them that a Report lists. What is over is counted, not named.
const (
	maxOpen       = 1 << 20
	maxUnfinished = 1000
)

// VerifyOptions say what is known of a file from elsewhere.
type VerifyOptions struct {
	// After is the hash that the first record must follow, in hex: the head of the
	// file before. Empty: the file is the first of its chain.
	After string
	// Contains is a head that was noted earlier, in hex; it must be in the file.
	// Only this shows that the end of a file was cut off or written anew.
	Contains string
}

// A Report says what a file holds and whether it is whole.
type Report struct {
	Records     int64 // good lines
	Decisions   int64
	Completions int64
	Gaps        int64 // lines that name losses
	Lost        int64 // records that these say were lost
	First, Last time.Time
	Head        string // hash of the last record; note it elsewhere

	Bad      int64  // lines that break the chain
	FirstBad int64  // number of the first of them, from 1; 0 for none or for Contains
	Problem  string // of the first; quotes nothing of the line
	Torn     int64  // bytes of an unfinished last line: a crash, or a file in use

	Unfinished      []string // ids of decisions without completion, oldest first, 1000 at most
	UnfinishedTotal int64    // a running proxy always has some
	Orphans         int64    // completions without decision
}

// Intact reports whether the chain holds.
func (r *Report) Intact() bool { return r.Problem == "" }

// VerifyFile is Verify on a file, which may be in use.
func VerifyFile(name string, o VerifyOptions) (Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return Report{}, fmt.Errorf("audit: verify: %w", err)
	}
	defer func() { _ = f.Close() }()
	return Verify(f, o)
}

// Verify reads a whole record and proves its order. After a bad line it goes on
// from what that line claims, so that one edit is one bad line. The error is for
// reading only; what is wrong with the record stands in the Report.
func Verify(r io.Reader, o VerifyOptions) (Report, error) {
	v := verifier{want: hash{}, open: map[string]int64{}, contains: o.Contains}
	if o.After != "" {
		h, ok := parseHash(o.After)
		if !ok {
			return Report{}, errors.New("audit: verify: the hash to follow is not 64 hex digits")
		}
		v.want = h
	}
	if _, ok := parseHash(o.Contains); o.Contains != "" && !ok {
		return Report{}, errors.New("audit: verify: the head to contain is not 64 hex digits")
	}
	br := bufio.NewReaderSize(r, MaxLine)
	for {
		line, err := br.ReadSlice('\n')
		switch {
		case err == nil:
			v.line(line[:len(line)-1])
		case errors.Is(err, io.EOF):
			v.report.Torn = int64(len(line))
			return v.end(), nil
		case errors.Is(err, bufio.ErrBufferFull):
			done, err := skipLine(br)
			if err != nil {
				return Report{}, fmt.Errorf("audit: verify: %w", err)
			}
			v.lines++
			v.bad(fmt.Sprintf("line is over %d bytes", MaxLine))
			if done {
				return v.end(), nil
			}
		default:
			return Report{}, fmt.Errorf("audit: verify: %w", err)
		}
	}
}

// skipLine reads up to the end of a line that is too long; done at the end of all.
func skipLine(br *bufio.Reader) (done bool, err error) {
	for {
		_, err := br.ReadSlice('\n')
		switch {
		case err == nil:
			return false, nil
		case errors.Is(err, io.EOF):
			return true, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return false, err
		}
	}
}

type verifier struct {
	report   Report
	lines    int64
	want     hash             // that the next line must name
	seq      uint64           // of the last good line, 0 before the first
	open     map[string]int64 // decision id to its line
	untold   int64            // decisions over maxOpen
	contains string
	found    bool
}

func (v *verifier) bad(problem string) {
	v.report.Bad++
	if v.report.Problem == "" {
		v.report.FirstBad, v.report.Problem = v.lines, problem
	}
}

func (v *verifier) line(line []byte) {
	v.lines++
	e, err := parseEnd(line)
	if err != nil {
		v.bad(err.Error())
		// The line after names what stood here, changed or not; believe it.
		if h, ok := claimedHash(line); ok {
			v.want = h
		}
		v.seq = 0
		return
	}
	if prev, _ := parseHash(e.Prev); prev != v.want {
		v.bad(v.misplaced())
	} else if v.seq != 0 && e.Seq != v.seq+1 {
		v.bad(fmt.Sprintf("is number %d after number %d", e.Seq, v.seq))
	}
	v.want, _ = parseHash(e.Hash)
	v.seq = e.Seq
	v.report.Head = e.Hash
	v.found = v.found || e.Hash == v.contains
	v.count(e, line)
}

func (v *verifier) misplaced() string {
	if v.lines == 1 {
		return "does not begin the chain: lines before it are missing"
	}
	return "does not follow the line before: one was removed, inserted, moved or changed"
}

// claimedHash is what a bad line says its hash is.
func claimedHash(line []byte) (hash, bool) {
	if len(line) < hashLen {
		return hash{}, false
	}
	tail := line[len(line)-hashLen:]
	if !bytes.HasPrefix(tail, []byte(hashKey)) {
		return hash{}, false
	}
	return parseHash(string(tail[len(hashKey) : len(tail)-2]))
}

// count notes what a good line says.
func (v *verifier) count(e envelope, line []byte) {
	r := &v.report
	r.Records++
	if r.First.IsZero() {
		r.First = e.Time
	}
	r.Last = e.Time
	switch e.Record {
	case KindDecision:
		r.Decisions++
		if len(v.open) < maxOpen {
			v.open[e.ID] = v.lines
		} else {
			v.untold++
		}
	case KindCompletion:
		r.Completions++
		if _, ok := v.open[e.ID]; ok {
			delete(v.open, e.ID)
		} else {
			r.Orphans++
		}
	case KindGap:
		r.Gaps++
		var g Gap
		if json.Unmarshal(line, &g) == nil {
			r.Lost += g.Decisions + g.Completions
		}
	}
}

func (v *verifier) end() Report {
	r := &v.report
	r.UnfinishedTotal = int64(len(v.open)) + v.untold
	for id := range v.open {
		r.Unfinished = append(r.Unfinished, id)
	}
	slices.SortFunc(r.Unfinished, func(a, b string) int { return cmp.Compare(v.open[a], v.open[b]) })
	if len(r.Unfinished) > maxUnfinished {
		r.Unfinished = slices.Clone(r.Unfinished[:maxUnfinished])
	}
	if v.contains != "" && !v.found {
		v.report.Bad++
		if r.Problem == "" {
			r.Problem = "the head noted earlier is not in the file: its end was cut off or written anew"
		}
	}
	return *r
}
