//go:build race

package secrets_test

// raceEnabled: pools forget on purpose, so that memory is taken anew.
const raceEnabled = true
