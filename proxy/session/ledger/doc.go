// Package ledger is what a person, or an agent, has exposed so far, and the permits
// they hold: how many different values of each entity have left, to which app, in
// the last hour, day and thirty days; how many prompts; how often they were coached
// and blocked; what the ends of their last prompts were.
//
// All about one subject is one record: sealed, under one key of a session.Store, and
// changed by compare-and-swap, so that an exchange costs one Get and one Put however
// many rules look at it, and so that two prompts cannot both slip under one limit.
// Values are known by keyed hashes only.
//
// # Bounds
//
// A record grows no further than one or two megabytes, and does so only for who has
// exposed more than ten thousand values of almost a hundred entities; that of somebody
// with a hundred values has two or three kilobytes. Where a bound is met more is counted than was,
// never less:
//
//   - Of each entity at each app the 128 values seen last are kept, and counted
//     exactly, to the second (rounded up). Older ones are kept in a sketch (see
//     cell), which is looked at only for windows that reach back to them. A count
//     with a sketch in it has a standard error of 4.6 percent, and is raised by that.
//   - 64 pairs of entity and app have lists of their own, and 32 more entities a list
//     for all other apps (app Rest). What comes after is counted as entity Rest, at
//     app Rest.
//   - Prompts and bytes are kept by the day, and what was coached and blocked by the
//     hour: the oldest day or hour of a window is counted whole.
//   - An exchange is known again, and its prompts not counted twice, while it is one
//     of the subject's last 64, and for a day. Its values never count twice.
//   - 64 permits: more are refused (ErrPermits), until one is used or ends.
//   - The ends of four prompts, 256 bytes each, for a day. Here alone less is seen
//     than was: an older end is forgotten.
//
// A record is forgotten thirty days after it was last written.
//
// # Clocks
//
// Proxies of a fleet should agree on the time to a few seconds. A clock that is set
// back makes nothing leave a window early: a value that was seen in the future counts
// until the window has passed it. One that runs ahead forgets as much too early.
//
// # Records that cannot be read
//
// A record that does not open or decode, or that a newer version wrote, is an error
// (ErrRecord), not an empty account: that subject's exchanges are refused. The error
// has the record's key. If it was written by a newer version, finish the upgrade; if
// this proxy lacks the fleet's secret, give it that. Otherwise delete that one key
// from the store (with the store in memory: restart): the subject begins anew.
package ledger
