package pii

import "github.com/sluice-proxy/sluice/classifiers"

// macWords speak of hardware addresses.
var macWords = []string{
	"mac", "mac address", "hardware address", "hwaddr", "ether", "ethernet", "lladdr", "bssid", "wifi", "wlan", "lan", "network interface", "link layer", "bluetooth",
}

// mac reads the hardware address (IEEE 802, EUI-48) whose first separator is at
// offset at: six groups of two hexadecimal digits with colons or hyphens. The
// address of all zeros, that of all ones and ranges such as 01-02-03-04-05-06
// say nothing about anybody.
func (s *scan) mac(at int) bool {
	sep, start := s.at(at), at-2
	if start < 0 || isAlnum(s.at(start-1)) || s.at(start-1) == sep || s.at(start-1) == '_' {
		return false
	}
	end := start + 17
	if end > len(s.text) || isAlnum(s.at(end)) || s.at(end) == '_' || s.at(end) == sep && isAlnum(s.at(end+1)) {
		return false
	}
	letter, sum := false, 0
	for i := start; i < end; i++ {
		c := s.text[i]
		if (i-start)%3 == 2 {
			if c != sep {
				return false
			}
			continue
		}
		if !isHex(c) {
			return false
		}
		letter = letter || isLetter(c)
		if c != '0' && c|0x20 != 'f' {
			sum++
		}
	}
	switch near := s.macs.Near(s.text, start, end, 50, 20); {
	case sum == 0:
		s.view.Drop("mac", start, end, "all zeros or all ones")
		return false
	case near:
		s.add(mac, "mac", sureChecked, start, end, "a word about it nearby")
	case letter:
		s.add(mac, "mac", sureForm, start, end, "its form")
	default:
		s.view.Drop("mac", start, end, "digits only, and no word about it nearby")
		return false
	}
	s.ipv6End, s.numberEnd, s.phoneEnd = max(s.ipv6End, end), end, end
	return true
}

// dottedMAC reads one in three groups of four digits with points, as some makers
// of network equipment write it.
func (s *scan) dottedMAC(r classifiers.Run) bool {
	start, end := r.Start, r.Start+14
	if end > len(s.text) || isAlnum(s.at(start-1)) || s.at(start-1) == '.' || isAlnum(s.at(end)) || s.at(end) == '.' && isAlnum(s.at(end+1)) {
		return false
	}
	for i := range 14 {
		if c := s.text[start+i]; i%5 == 4 && c != '.' || i%5 != 4 && !isHex(c) {
			return false
		}
	}
	if !s.macs.Near(s.text, start, end, 50, 20) {
		s.view.Drop("mac", start, end, "no word about it nearby")
		return false
	}
	s.add(mac, "mac", sureChecked, start, end, "a word about it nearby")
	s.numberEnd, s.phoneEnd = end, end
	return true
}
