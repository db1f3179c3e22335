// Package session keeps what outlives an exchange and is shared by the proxies of a
// fleet: sign-ins, what people have exposed, permits. It knows nothing of their
// meaning, which is in the packages below it: here are the Store, in memory or in
// Redis, and the Box that seals what is put into it.
//
// Nothing that a Store holds can be read without the fleet's secret: values are
// sealed, and keys are keyed hashes (Box.Key).
package session
