package pii

import (
	"net/netip"

	"github.com/sluice-proxy/sluice/classifiers"
)

// ipWords speak of addresses and hosts; versionWords of numbers with dots that
// are none.
var (
	ipWords = []string{
		"ip", "ips", "ipv", "address", "addresses", "addr", "host", "hosts", "hostname", "server", "servers", "node", "dns", "nameserver",
		"gateway", "subnet", "network", "router", "firewall", "ping", "ssh", "traceroute", "vpn", "proxy", "remote", "client", "peer", "login",
		"connected", "connection", "endpoint", "localhost", "http", "https", "adresse", "adresse ip", "dirección", "indirizzo", "endereço", "адрес", "サーバー", "アドレス", "服务器", "地址",
	}
	versionWords = []string{
		"v", "ver", "vers", "version", "versions", "release", "released", "revision", "rev", "build", "firmware", "driver", "chrome", "chromium", "safari",
		"firefox", "edg", "edge", "opr", "section", "sections", "chapter", "figure", "fig", "table", "clause", "paragraph", "appendix", "step", "assemblyversion", "fileversion",
		"versión", "versione", "versão", "версия", "版本", "バージョン",
	}
)

// ipv4 reads four numbers up to 255 with dots between them, the first at r.
// The unspecified, loopback and broadcast addresses and masks say nothing about
// anybody and are left out, and so is what a word in front calls a version.
// Where all four are small, as in the numbers of sections, a word about
// addresses must stand nearby. A private network (10.0.0.0/16) is no computer's address.
func (s *scan) ipv4(r classifiers.Run) bool {
	if r.Len() > 3 || s.at(r.End) != '.' || !isDigit(s.at(r.End+1)) {
		return false
	}
	var octets [4]int
	at, small := r.Start, true
	for k := range octets {
		first, n := at, 0
		for at < len(s.text) && at-first < 4 && isDigit(s.text[at]) {
			n = n*10 + int(s.text[at]-'0')
			at++
		}
		if at == first || at-first > 3 || n > 255 || at-first > 1 && s.text[first] == '0' {
			return false
		}
		octets[k] = n
		small = small && n < 32
		if k < 3 {
			if s.at(at) != '.' {
				return false
			}
			at++
		}
	}
	before, after := s.at(r.Start-1), s.at(at)
	var why string
	switch {
	case isAlnum(before), before == '_', (before == '.' || before == '-') && isAlnum(s.at(r.Start-2)),
		isAlnum(after), after == '_', after == '.' && isAlnum(s.at(at+1)):
		why = "part of something longer"
	case octets[0] == 0, octets[0] == 127, octets[0] == 255:
		why = "unspecified, loopback, broadcast or a mask"
	case after == '/' && privateNetwork(octets, s.text[at+1:]):
		why = "a private network"
	case s.version.Near(s.text, r.Start, at, 16, 0):
		why = "a word in front calls it a version"
	case s.ip.Near(s.text, r.Start, at, 50, 30), after == '/', after == ':' && isDigit(s.at(at+1)):
		s.add(ip, "ipv4", sureIP, r.Start, at, "a word about addresses nearby, a port or a mask")
		return true
	case small:
		why = "small numbers, and no word about addresses nearby"
	default:
		s.add(ip, "ipv4", sureBareIP, r.Start, at, "four numbers with dots")
		return true
	}
	s.view.Drop("ipv4", r.Start, at, why)
	return false
}

// privateNetwork reports whether an address is the number of a network of RFC 1918, with
// the length of its prefix behind the stroke: it has no bits behind the prefix.
func privateNetwork(octets [4]int, prefix string) bool {
	length, n := 0, 0
	for ; n < len(prefix) && n < 3 && isDigit(prefix[n]); n++ {
		length = length*10 + int(prefix[n]-'0')
	}
	bits := uint32(octets[0])<<24 | uint32(octets[1])<<16 | uint32(octets[2])<<8 | uint32(octets[3])
	private := octets[0] == 10 || bits>>20 == 172<<4|1 || bits>>16 == 192<<8|168
	return private && n > 0 && length >= 8 && length < 32 && bits<<length == 0
}

// ipv6 reads the address (RFC 4291) around a colon. Much else has colons: an
// address needs a digit and either six colons or five hexadecimal digits at
// least and a group of three, so that slices (a[1::2]), names (ab::cd) and times are none; eight
// groups of two are a hardware address.
func (s *scan) ipv6(h classifiers.Hit) {
	if h.Start < s.ipv6End {
		return
	}
	next := s.at(h.End)
	if next != ':' && !isHex(next) {
		return
	}
	if prev := s.at(h.Start - 1); !isHex(prev) && next != ':' {
		return
	}
	start := h.Start
	for start > 0 && h.Start-start < 5 && isHex(s.text[start-1]) {
		start--
	}
	colons, digits, digit, group, longest, pairs := 0, 0, false, 0, 0, true
	end := start
	for ; end < len(s.text) && end-start < 46; end++ {
		c := s.text[end]
		if c == ':' {
			colons++
			pairs = pairs && group == 2
			group = 0
			continue
		}
		if !isHex(c) && (c != '.' || !isDigit(s.at(end+1)) || colons < 2) {
			break
		}
		if isHex(c) {
			digits++
			group++
			longest = max(longest, group)
			digit = digit || isDigit(c)
		}
	}
	s.ipv6End = end
	if colons < 2 || pairs && group == 2 {
		return // a time, a hardware address
	}
	if !digit || colons < 6 && (digits < 5 || longest < 3) {
		s.view.Drop("ipv6", start, end, "too few digits")
		return
	}
	if s.at(end-1) == ':' && s.at(end-2) != ':' {
		end-- // a colon of the sentence
	}
	before, after := s.at(start-1), s.at(end)
	if isAlnum(before) || before == '_' || before == ':' || before == '.' || isAlnum(after) || after == '_' {
		s.view.Drop("ipv6", start, end, "part of something longer")
		return
	}
	switch a, err := netip.ParseAddr(s.text[start:end]); {
	case err != nil:
		s.view.Drop("ipv6", start, end, "not the form of an address")
	case a.IsUnspecified(), a.IsLoopback(), a.Unmap().IsLoopback():
		s.view.Drop("ipv6", start, end, "unspecified or loopback")
	default:
		s.add(ip, "ipv6", sureChecked, start, end, "the form of an address")
	}
}
