package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// Passwords in the configuration of routers and switches, where nothing but words
// stands around them: Cisco's IOS, NX-OS and ASA ("username bob password X", "enable
// secret 9 $9$...", a lone " password X" below "line vty"), Juniper's Junos
// (encrypted-password "..."), FortiOS ("set password ENC ..."), HPE's and Aruba's
// ("password manager user-name x plaintext y"), Huawei's VRP ("password cipher X"). The
// words are those of the vendors' references of commands.

// deviceTypes stand between the word for a password and the password, and say how it
// is written: true when it is scrambled or hashed, so that words are none. Type 6 is
// left out: it is encrypted with a key that the device does not tell.
var deviceTypes = map[string]bool{
	"0": false, "simple": false, "plaintext": false, "plain-text": false, "clear": false, "clear-text": false, "cleartext": false, "ascii": false, "ascii-text": false, "plain": false,
	"cipher": false, "5": true, "8": true, "8a": true, "9": true, "10": true, "enc": true, "irreversible-cipher": true, "hash": true, "encrypted": true, "ciphertext": true,
	"sha1": true, "sha256": true, "sha512": true, "sha-256": true, "sha-512": true, "md5": true, "bcrypt": true, "pbkdf2": true, "scrypt": true,
}

var (
	// deviceFillers stand between as well and say nothing.
	deviceFillers = set("manager operator user-name level set-key")

	// deviceVerbs begin the lines.
	deviceVerbs = set("username user local-user set enable snmp-server snmp-agent neighbor peer ip ipv6 tacacs-server tacacs radius-server radius server hwtacacs " +
		"aaa crypto ntp isis ospf area vrrp standby ppp authentication ikev1 ikev2 security wlan wpa-psk line bgp key super shared-key primary secondary passwd tunnel-group")

	// deviceWords are names that nothing else has.
	deviceWords = set("encrypted-password psksecret wpa-passphrase pre-shared-key authentication-key key-string ldap-login-password masterauth")

	// deviceNames are what a name is or ends with, behind a hyphen, unless nothing else has it.
	deviceNames = set("password passwd passphrase pass pwd secret key psk")

	// deviceNotions follow the word for a password, with a number, in what is written
	// about passwords: rule1, length8.
	deviceNotions = set("attempt bit bits char chars day days expire field format hash input key length level limit method min max mode name option part phase policy prompt reset restriction rotation rule size step strength type id")

	// deviceProse are words of sentences: "username and password field1".
	deviceProse = set("a an the your our my this its and or with has to of")

	// deviceTails may follow on the line.
	deviceTails = set("role privilege level encrypted address localizedkey mschap nt-encrypted pbkdf2 priv service-type class group ro rw hostname timeout port auth-port")

	// serverLines and deviceLines begin the lines around one that holds nothing but a key or a
	// password.
	serverLines = []string{"radius server ", "tacacs server ", "address ipv4 ", "server-private ", "aaa authentication-server "}
	deviceLines = []string{"line ", "login", "exec-timeout", "transport ", "username ", "interface ", "neighbor ", "config ", "edit ", "set ", "hostname ", "enable "}
)

// device reads the password behind the name, when a line of a device's configuration
// is around it. It returns false when none is.
func (s *scan) device(name span, kind nameKind) bool {
	text := s.text
	i := spaces.Run(text, name.end, 8)
	word := deviceWord(text, i)
	typed, hashed := false, false
	for n := 0; n < 4 && word.end > word.start; n++ {
		var room [24]byte
		lower := appendLower(room[:0], text[word.start:word.end])
		if h, ok := deviceTypes[string(lower)]; ok {
			typed, hashed = true, h
		} else if !deviceFillers[string(lower)] && ascii.Digit.Run(text, word.start, 8) < word.end { // nor the number of a key
			break
		}
		next := spaces.Run(text, word.end, 8)
		if string(lower) == "user-name" || string(lower) == "level" { // and its argument
			_, end, ok := stringAt(text, next)
			if !ok {
				end = deviceWord(text, next).end
			}
			next = spaces.Run(text, end, 8)
		}
		i, word = next, deviceWord(text, next)
	}
	at, end, quoted := stringAt(text, i)
	if !quoted {
		at, end = word, word.end
		if at.end > at.start && text[at.end-1] == ';' {
			at.end--
		}
	}
	v := text[at.start:at.end]
	typed = typed || strings.HasPrefix(v, "$9$") && quoted // Junos scrambles so
	if len(v) < 5 || !deviceFront(text, name, v, typed, kind) || !deviceBehind(text, end) {
		return false
	}
	if behind := spaces.Run(text, end, 8); strings.HasPrefix(text[behind:], "encrypted") || strings.HasPrefix(text[behind:], "nt-encrypted") { // of ASA
		hashed = true
	}
	judged := judgeDevice(v, hashed, quoted)
	if !typed && !quoted && deviceNotions[strings.ToLower(strings.TrimRight(v, ascii.Digits+"-"))] {
		judged = no(whyWord)
	}
	s.settle(ruleDevice, at, judged)
	return true
}

// deviceWord returns the word at i.
func deviceWord(text string, i int) span {
	end := i
	for end < len(text) && end-i < maxValue && text[end] > ' ' && text[end] < 0x7f && text[end] != '"' {
		end++
	}
	return span{i, end}
}

// deviceFront reports whether what stands in front of the name on its line is of a
// device's configuration, behind the prompt of one or none.
func deviceFront(text string, name span, v string, typed bool, kind nameKind) bool {
	front := lineBefore(text, name.start)
	front = strings.TrimLeft(front[strings.LastIndexAny(front, "#>]")+1:], " \t+")
	word := strings.TrimRight(text[name.start:name.end], ascii.Digits)
	only := deviceWords[word]
	if !only && !deviceNames[word[strings.LastIndexByte(word, '-')+1:]] {
		return false
	}
	if front == "" {
		return kind >= nameSecret && (only || typed || near(text, name.start, deviceLines)) || kind == nameKey && near(text, name.start, serverLines)
	}
	verb, rest, _ := strings.Cut(front, " ")
	rest = strings.TrimSpace(rest)
	for w := range strings.FieldsSeq(rest) {
		if deviceProse[w] {
			return false
		}
	}
	switch {
	case verb == "username" || verb == "user" || verb == "local-user":
		return rest != "" && (typed || !strings.ContainsAny(rest, ",.:"))
	case deviceVerbs[verb]: // alone in front of it most make a noun: primary key
		return typed || only || kind == namePassword || rest != "" || verb == "enable" || strings.IndexByte(verb, '-') > 0 || count(v).upper > 0
	}
	return typed && rest == "" && kind >= nameSecret || only && !strings.ContainsAny(front, "=:(,")
}

// near reports whether one of the two lines above the one at i, or of those below,
// begins as one of the lines does.
func near(text string, i int, lines []string) bool {
	from, to := rowAround(text, i)
	for range 2 {
		if from > 0 {
			from, _ = rowAround(text, from-1)
			if beginsAs(text[from:], lines) {
				return true
			}
		}
		if to < len(text) {
			start := to + 1
			if _, to = rowAround(text, start); start < len(text) && beginsAs(text[start:], lines) {
				return true
			}
		}
	}
	return false
}

func beginsAs(line string, lines []string) bool {
	line = strings.TrimLeft(line[:min(len(line), maxName)], " \t")
	for _, l := range lines {
		if strings.HasPrefix(line, l) {
			return true
		}
	}
	return false
}

// deviceBehind reports whether the line ends at i, or goes on as those of devices do.
func deviceBehind(text string, i int) bool {
	i = spaces.Run(text, i, 8)
	if i < len(text) && text[i] == ';' {
		i = spaces.Run(text, i+1, 8)
	}
	return endsLine(text, i) || deviceTails[text[i:ascii.Ident.Run(text, i, maxName)]]
}

// judgeDevice judges the password of a device.
func judgeDevice(v string, hashed, quoted bool) verdict {
	k := count(v)
	switch {
	case hashEnd(v, 0) == len(v):
		return verdict{ruleDevice.sure, "hash in a device's configuration"}
	case k.other > 0 || k.letters() == 0 || k.groups() < 2 || v[0] == '<' || v[0] == '-' || v[0] == '/':
		return no(whyWord)
	case dummies.in(v) || dummyWords.in(v) && k.groups() < 3 || v[0] == '$' && strings.IndexByte(v[1:], '$') < 0:
		return no(whyPlaceholder)
	case hashed && len(v) >= 8 && (k.digit > 1 || len(v) >= 12 && k.upper > 0 && k.lower > 0 && !plain(v)):
		return verdict{ruleDevice.sure, "scrambled in a device's configuration"}
	case !quoted && k.digit == 0, methods[strings.ToLower(strings.TrimRight(v, ascii.Digits+"-"))]:
		return no(whyWord)
	}
	return verdict{ruleDevice.sure, "line of a device's configuration"}
}
