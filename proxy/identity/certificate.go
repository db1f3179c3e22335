package identity

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	asn1tag "golang.org/x/crypto/cryptobyte/asn1"
)

// A Device is the machine that asks, known by its certificate.
type Device struct {
	ID      string
	Managed bool // it showed a certificate that names a device
}

// ErrConflict is that the token and the certificate are of different people.
var ErrConflict = errors.New("identity: the token and the certificate are of different people")

// A CertificateMap says which fields of a client's certificate name the device and
// the person. It does not change.
//
// A field is written as its name, or as its name, a blank and a regular expression
// (RE2) that a whole value must match; a group in it is then the name. A field
// that has no value, or several different ones, names nobody: which of two people
// asks is not guessed.
type CertificateMap struct{ device, user *certificateField }

type certificateField struct {
	values  func(*x509.Certificate) []string
	pattern *regexp.Regexp // nil: any value
}

// certificateFields are those that there are (RFC 5280 section 4.2.1.6; the user
// principal name is Microsoft's other name).
var certificateFields = map[string]func(*x509.Certificate) []string{
	"san.uri":   func(c *x509.Certificate) []string { return alternativeNames(c, tagURI, readURI) },
	"san.email": func(c *x509.Certificate) []string { return c.EmailAddresses },
	"san.dns":   func(c *x509.Certificate) []string { return c.DNSNames },
	"san.upn":   func(c *x509.Certificate) []string { return alternativeNames(c, tagOtherName, readPrincipal) },
	"subject.cn": func(c *x509.Certificate) (all []string) {
		for _, n := range c.Subject.Names {
			if text, ok := n.Value.(string); ok && n.Type.Equal(oidCommonName) {
				all = append(all, text)
			}
		}
		return all
	},
}

var (
	oidCommonName    = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidSubjectAlt    = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidPrincipalName = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 3}
)

// NewCertificateMap reads two fields; an empty one names nothing. Errors begin with
// device_id or user, and are joined.
func NewCertificateMap(device, user string) (*CertificateMap, error) {
	m := &CertificateMap{}
	var errs []error
	for _, f := range []struct {
		key, text string
		into      **certificateField
	}{{"device_id", device, &m.device}, {"user", user, &m.user}} {
		var err error
		if *f.into, err = parseCertificateField(f.text); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.key, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return m, nil
}

func parseCertificateField(text string) (*certificateField, error) {
	if text == "" {
		return nil, nil
	}
	name, pattern, given := strings.Cut(text, " ")
	f := &certificateField{values: certificateFields[name]}
	if f.values == nil {
		return nil, fmt.Errorf("%q is none of %s", name, strings.Join(slices.Sorted(maps.Keys(certificateFields)), ", "))
	}
	if !given {
		return f, nil
	}
	var err error
	if f.pattern, err = regexp.Compile(`^(?:` + pattern + `)$`); err != nil {
		return nil, fmt.Errorf("%q is not a regular expression: %w", pattern, err)
	}
	if f.pattern.NumSubexp() > 1 {
		return nil, fmt.Errorf("%q has more than one group: which is the name?", pattern)
	}
	return f, nil
}

// MapsUser reports whether a certificate can name a person.
func (m *CertificateMap) MapsUser() bool { return m != nil && m.user != nil }

// Identify returns what a certificate says; it must have been verified. Who is not
// named by it is not authenticated, and the device may be known all the same.
func (m *CertificateMap) Identify(cert *x509.Certificate) Identity {
	if m == nil || cert == nil {
		return Identity{}
	}
	var id Identity
	if device := m.device.name(cert); device != "" {
		id.Device = Device{ID: device, Managed: true}
	}
	user := m.user.name(cert)
	if user == "" {
		return id
	}
	id.Authenticated, id.Method, id.Sub, id.Name, id.Expiry = true, MethodCertificate, user, user, cert.NotAfter
	if strings.Contains(user, "@") {
		id.Email = user
	}
	return id
}

// name returns the one name in a field.
func (f *certificateField) name(cert *x509.Certificate) (name string) {
	if f == nil {
		return ""
	}
	for _, value := range f.values(cert) {
		if f.pattern != nil {
			match := f.pattern.FindStringSubmatch(value)
			if match == nil {
				continue
			}
			value = match[len(match)-1] // the group, or all of it
		}
		if !isName(value) || name != "" && name != value {
			return ""
		}
		name = value
	}
	return name
}

// isName holds for a text that can be shown and recorded as it is.
func isName(s string) bool {
	return s != "" && len(s) <= maxText && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Kinds of alternative name (RFC 5280 section 4.2.1.6).
const (
	tagOtherName = asn1tag.Tag(0 | 0x80 | 0x20)
	tagURI       = asn1tag.Tag(6 | 0x80)
)

// alternativeNames reads those of one kind as they stand in the certificate:
// crypto/x509 leaves other names alone, and net/url writes the scheme of a URI in
// lower case. What is malformed has none.
func alternativeNames(cert *x509.Certificate, kind asn1tag.Tag, read func(cryptobyte.String) (string, bool)) (all []string) {
	for _, e := range cert.Extensions {
		if !e.Id.Equal(oidSubjectAlt) {
			continue
		}
		var names, name cryptobyte.String
		var tag asn1tag.Tag
		outer := cryptobyte.String(e.Value)
		if !outer.ReadASN1(&names, asn1tag.SEQUENCE) || !outer.Empty() {
			return nil
		}
		for !names.Empty() {
			if !names.ReadAnyASN1(&name, &tag) {
				return nil
			}
			if tag != kind {
				continue
			}
			text, ok := read(name)
			if !ok {
				return nil
			}
			if text != "" {
				all = append(all, text)
			}
		}
	}
	return all
}

func readURI(name cryptobyte.String) (string, bool) { return string(name), true }

// readPrincipal reads the value of an other name if it is a user principal name.
func readPrincipal(name cryptobyte.String) (string, bool) {
	var id asn1.ObjectIdentifier
	var value, text cryptobyte.String
	if !name.ReadASN1ObjectIdentifier(&id) || !name.ReadASN1(&value, asn1tag.Tag(0).ContextSpecific().Constructed()) || !name.Empty() {
		return "", false
	}
	if !id.Equal(oidPrincipalName) {
		return "", true
	}
	if !value.ReadASN1(&text, asn1tag.UTF8String) || !value.Empty() {
		return "", false
	}
	return string(text), true
}

// On is who a token tells, on the device of a certificate. The token is who asks:
// it is newer, and says more. Where both name a person they must name the same one,
// the certificate by the token's sub, email, upn or preferred_username, whatever the
// case of letters; else it is ErrConflict, for one of them is in the wrong hands. A
// program that asks on its own is nobody whom a certificate could contradict.
func (id Identity) On(certificate Identity) (Identity, error) {
	switch {
	case !id.Authenticated:
		return certificate, nil
	case certificate.Authenticated && !id.sameAs(certificate.Sub) && (!id.Agent.Present || id.Agent.OnBehalfOf != ""):
		return Identity{Device: certificate.Device}, ErrConflict
	}
	id.Device = certificate.Device
	return id, nil
}

func (id *Identity) sameAs(name string) bool {
	return slices.ContainsFunc(append([]string{id.Sub, id.Email}, id.Aliases...), func(own string) bool { return strings.EqualFold(own, name) })
}
