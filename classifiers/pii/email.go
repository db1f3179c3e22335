package pii

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

const (
	maxLocal  = 64  // RFC 5321, 4.5.3.1.1
	maxDomain = 253 // RFC 1035, 2.3.4
	maxURL    = 512 // bytes searched for the scheme of a URL
)

// notDomains are endings that names of files and of code have and no top-level
// domain is: logo@2x.png, handler@index.js.
var notDomains = []string{
	"png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico", "tiff", "heic", "avif", "mp3", "mp4", "wav", "avi",
	"js", "mjs", "cjs", "jsx", "tsx", "css", "scss", "less", "html", "htm", "php", "json", "xml", "yml", "yaml",
	"toml", "ini", "cfg", "conf", "txt", "csv", "tsv", "log", "lock", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx",
	"exe", "dll", "so", "jar", "war", "class", "tar", "gz", "tgz", "bz2", "xz", "whl", "deb", "rpm", "dmg",
	"java", "go", "cpp", "hpp", "kt", "swift", "sql", "bat", "ps1", "ipynb", "service", "socket", "timer",
}

// roles are mailboxes that belong to a duty or to a program, never to a person:
// those of RFC 2142, sections 4 and 5, the senders that nobody reads, and the
// greetings under which companies are written to.
var roles = []string{
	"abuse", "noc", "security", "postmaster", "hostmaster", "usenet", "news", "webmaster", "www", "uucp", "ftp",
	"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "do_not_reply", "mailer-daemon", "bounce", "bounces",
	"notification", "notifications", "notify", "alert", "alerts", "newsletter", "hello", "contact",
}

// email reads an address around an at sign (or its percent-encoded form): a
// local part of letters, digits and a few signs, and a domain whose last label
// is one of letters. The user part of a URL and the remote of a git repository
// look the same and are none.
func (s *scan) email(h classifiers.Hit) {
	start := s.local(h.Start)
	if start == h.Start {
		return
	}
	end, why := s.domain(h.End)
	switch local := s.text[start:h.Start]; {
	case why != "":
	case s.inAuthority(start):
		why = "user of a URL"
	case slices.ContainsFunc(roles, func(role string) bool { return strings.EqualFold(role, local) }):
		why = "mailbox of a duty or a program"
	case s.at(end) == '(': // a@b.transpose()
		why = "call"
	case s.at(end) == ':' && (local == "git" || local == "hg"): // git@host.example:group/project
		why = "remote of a repository"
	default:
		s.add(email, "email", sureEmail, start, end, "name and domain")
		return
	}
	s.view.Drop("email", start, end, why)
}

// local returns where the local part that ends at offset at begins.
func (s *scan) local(at int) int {
	start := at
	for start > 0 && at-start < maxLocal {
		c := s.text[start-1]
		if isAlnum(c) || strings.IndexByte("._%+-'&~!#$*", c) >= 0 {
			start--
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeLastRuneInString(s.text[:start])
		if !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) {
			break
		}
		start -= size
	}
	if start > 0 && at-start >= maxLocal && isAlnum(s.text[start-1]) {
		return at
	}
	// Quotes and marks in front belong to the sentence, %2C and the like to a URL.
	for start < at && strings.IndexByte(".%-'&~!#$*+", s.text[start]) >= 0 {
		if s.text[start] == '%' && at-start > 3 && isHex(s.text[start+1]) && isHex(s.text[start+2]) {
			start += 2
		}
		start++
	}
	if i := strings.LastIndexAny(s.text[start:at], "&%$#*!"); i >= 0 {
		// user=1&mail=... cannot be here, since = ends a local part; what is left
		// of such a sign is a separator's other side.
		if s.text[start+i] == '%' && start+i+3 < at && isHex(s.text[start+i+1]) && isHex(s.text[start+i+2]) {
			i += 2
		}
		start += i + 1
	}
	if start == at || s.text[at-1] == '.' || strings.Contains(s.text[start:at], "..") {
		return at
	}
	return start
}

// domain returns where the domain that begins at offset at ends, and why it is none.
func (s *scan) domain(at int) (end int, why string) {
	best, label, labels := at, at, 0
	for i := at; i-at <= maxDomain; {
		c := s.at(i)
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s.text[i:])
			if unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) {
				i += size
				continue
			}
		} else if isAlnum(c) || c == '-' {
			i++
			continue
		}
		if i == label || i-label > 63 || s.text[label] == '-' || s.text[i-1] == '-' {
			break
		}
		labels++
		if labels > 1 && isTop(s.text[label:i]) {
			best = i
		}
		if c != '.' {
			break
		}
		i++
		label = i
	}
	if best == at {
		return at, "no domain behind the at sign"
	}
	name := s.text[at:best]
	last := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	for _, no := range notDomains {
		if last == no {
			return best, "name of a file"
		}
	}
	if len(name) > 3 && isDigit(name[0]) && name[1]|0x20 == 'x' && name[2] == '.' {
		return best, "name of a file" // logo@2x.png, of whatever ending
	}
	return best, ""
}

// isTop tells whether a label has the form of a top-level domain (RFC 3696, 2):
// letters only, or the ASCII form of such.
func isTop(label string) bool {
	if len(label) > 4 && strings.EqualFold(label[:4], "xn--") {
		return true
	}
	return len(label) >= 2 && !strings.ContainsAny(label, "0123456789-")
}

// inAuthority tells whether offset start lies between the :// of a URL and the
// next slash, where what is in front of an at sign is a user's name.
func (s *scan) inAuthority(start int) bool {
	for i := start - 1; i >= 0 && start-i < maxURL; i-- {
		switch c := s.text[i]; {
		case c == '/':
			return i > 1 && s.text[i-1] == '/' && s.text[i-2] == ':'
		case c <= ' ' || c == '?' || c == '"' || c == '<' || c == '>' || c == '#':
			return false
		}
	}
	return false
}
