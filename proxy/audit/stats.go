package audit

import "sync/atomic"

// counters are what Stats reports.
type counters struct {
	records, lostDecisions, lostCompletions, syncs, torn, size atomic.Int64
}

// Stats are counted since Open.
type Stats struct {
	Records         int64 // lines written
	LostDecisions   int64
	LostCompletions int64
	Syncs           int64
	TornBytes       int64 // of an unfinished line that Open cut off
	Size            int64 // of the file in bytes
}

// Size is the length of the file in bytes.
func (l *Log) Size() int64 { return l.stats.size.Load() }

// Stats are the counters.
func (l *Log) Stats() Stats {
	s := &l.stats
	return Stats{
		Records: s.records.Load(), LostDecisions: s.lostDecisions.Load(), LostCompletions: s.lostCompletions.Load(),
		Syncs: s.syncs.Load(), TornBytes: s.torn.Load(), Size: s.size.Load(),
	}
}
