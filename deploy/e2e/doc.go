// Package e2e runs the sluice binary between real clients and origins that speak
// the real formats: the official SDKs, curl, and a browser that finds the proxy by
// its PAC file.
//
// Everything stands on loopback. A client asks for the public names; the proxy
// resolves them to the origins of the test, whose certificates it verifies. A tool
// that is missing fails the tests: deploy/test installs it.
//
// Whatever a scenario sends, Sluice.Stop looks for it afterwards in the record, the
// log, the metrics and every other file of the data directory.
package e2e
