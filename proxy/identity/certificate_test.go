package identity

import (
	"crypto/rand"
	"crypto/x509"
	subject "crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// certificateWith makes a certificate; principals are put beside its other names.
func certificateWith(t testing.TB, template *x509.Certificate, principals ...string) *x509.Certificate {
	t.Helper()
	if len(principals) > 0 {
		template.ExtraExtensions = append(template.ExtraExtensions, subject.Extension{Id: oidSubjectAlt, Value: encodeNames(t, principals...)})
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(1), time.Unix(1e9, 0), time.Unix(2e9, 0)
	der, err := x509.CreateCertificate(rand.Reader, template, template, ecOne().Public(), ecOne())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// encodeNames are a device's name and user principal names (RFC 5280 section
// 4.2.1.6: otherName is [0] of an OID and an explicit [0]).
func encodeNames(t testing.TB, principals ...string) []byte {
	t.Helper()
	dns, _ := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte("laptop.corp.example")})
	all := append([]byte{}, dns...)
	for _, p := range principals {
		id, err := asn1.Marshal(oidPrincipalName)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := asn1.Marshal(asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(p)})
		explicit, _ := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: text})
		other, _ := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: append(id, explicit...)})
		all = append(all, other...)
	}
	out, _ := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: all})
	return out
}

// urls keeps them as they are written, capitals of the scheme included.
func urls(all ...string) (out []*url.URL) {
	for _, one := range all {
		scheme, rest, _ := strings.Cut(one, ":")
		out = append(out, &url.URL{Scheme: scheme, Opaque: rest})
	}
	return out
}

func TestCertificateMap(t *testing.T) {
	named := func(names ...string) []subject.AttributeTypeAndValue {
		var all []subject.AttributeTypeAndValue
		for _, n := range names {
			all = append(all, subject.AttributeTypeAndValue{Type: oidCommonName, Value: n})
		}
		return all
	}
	for name, c := range map[string]struct {
		device, user string
		cert         *x509.Certificate
		want         Identity // but for Expiry, and Name, which is Sub
	}{
		"nothing mapped": {"", "", certificateWith(t, &x509.Certificate{EmailAddresses: []string{"ada@corp.example"}}), Identity{}},
		"uri and email": {"san.uri", "san.email", certificateWith(t, &x509.Certificate{URIs: urls("urn:uuid:7"), EmailAddresses: []string{"ada@corp.example"}}),
			Identity{Authenticated: true, Sub: "ada@corp.example", Email: "ada@corp.example", Device: Device{"urn:uuid:7", true}}},
		"device alone": {"san.uri", "san.email", certificateWith(t, &x509.Certificate{URIs: urls("urn:uuid:7")}), Identity{Device: Device{"urn:uuid:7", true}}},
		"person alone": {"san.uri", "subject.cn", certificateWith(t, &x509.Certificate{Subject: subject.Name{CommonName: "ada"}}), Identity{Authenticated: true, Sub: "ada"}},
		"dns and upn": {"san.dns", "san.upn", certificateWith(t, &x509.Certificate{}, "ada@corp.example"),
			Identity{Authenticated: true, Sub: "ada@corp.example", Email: "ada@corp.example", Device: Device{"laptop.corp.example", true}}},
		"group": {"san.uri IntuneDeviceId://(.+)", "", certificateWith(t, &x509.Certificate{URIs: urls("tag:microsoft.com,2022-09-14:sid:S-1-5", "IntuneDeviceId://4f2")}),
			Identity{Device: Device{"4f2", true}}},
		"pattern is of the whole value": {"san.dns laptop", `san.upn [a-z]+@corp\.example`, certificateWith(t, &x509.Certificate{}, "ada@corp.example.evil.example"), Identity{}},
		"alternatives are of the whole": {"san.dns lap|laptop.corp", "", certificateWith(t, &x509.Certificate{}, "x"), Identity{}},
		"several that fit":              {"san.dns", "san.upn", certificateWith(t, &x509.Certificate{}, "ada@corp.example", "bob@corp.example"), Identity{Device: Device{"laptop.corp.example", true}}},
		"the same twice":                {"", "san.upn", certificateWith(t, &x509.Certificate{}, "ada", "ada"), Identity{Authenticated: true, Sub: "ada"}},
		"several, one fits":             {"", `san.upn (.*)@corp\.example`, certificateWith(t, &x509.Certificate{}, "x@other.example", "ada@corp.example"), Identity{Authenticated: true, Sub: "ada"}},
		"two common names":              {"", "subject.cn", certificateWith(t, &x509.Certificate{Subject: subject.Name{ExtraNames: named("root", "ada")}}), Identity{}},
		"empty":                         {"", "san.upn", certificateWith(t, &x509.Certificate{}, ""), Identity{}},
		"empty group":                   {"", "san.upn (x*)ada", certificateWith(t, &x509.Certificate{}, "ada"), Identity{}},
		"line break":                    {"", "san.upn", certificateWith(t, &x509.Certificate{}, "ada\nroot"), Identity{}},
		"zero byte":                     {"", "san.upn", certificateWith(t, &x509.Certificate{}, "root\x00@corp.example"), Identity{}},
		"right to left":                 {"", "san.upn", certificateWith(t, &x509.Certificate{}, "ada\u202eelpmaxe"), Identity{}},
		"not UTF-8":                     {"", "san.upn", certificateWith(t, &x509.Certificate{}, "ada\xff"), Identity{}},
		"too long":                      {"", "san.upn", certificateWith(t, &x509.Certificate{}, strings.Repeat("a", maxText+1)), Identity{}},
	} {
		m, err := NewCertificateMap(c.device, c.user)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.want.Authenticated {
			c.want.Method, c.want.Name, c.want.Expiry = MethodCertificate, c.want.Sub, c.cert.NotAfter
		}
		if diff := cmp.Diff(c.want, m.Identify(c.cert)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if m.MapsUser() != (c.user != "") {
			t.Errorf("%s: maps a user: %v", name, m.MapsUser())
		}
	}
	var none *CertificateMap
	if none.MapsUser() || none.Identify(certificateWith(t, &x509.Certificate{})).Authenticated {
		t.Error("no map names somebody")
	}
}

func TestCertificateMapErrors(t *testing.T) {
	_, err := NewCertificateMap("san.url", "subject.cn (")
	for _, want := range []string{`device_id: "san.url" is none of san.dns, san.email, san.upn, san.uri, subject.cn`, `user: "(" is not a regular expression`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	for _, bad := range []string{"SAN.URI", " san.uri", "san.uri (a)(b)", "email"} {
		if _, err := NewCertificateMap(bad, ""); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestTokenOnDevice shows who asks when a token and a certificate come together.
func TestTokenOnDevice(t *testing.T) {
	device := Device{"7", true}
	ada := Identity{Authenticated: true, Method: MethodCertificate, Sub: "Ada@corp.example", Device: device}
	for name, c := range map[string]struct {
		token, certificate Identity
		conflict           bool
	}{
		"no person in the certificate": {Identity{Authenticated: true, Sub: "u-1"}, Identity{Device: device}, false},
		"the same sub":                 {Identity{Authenticated: true, Sub: "ada@corp.example"}, ada, false},
		"the same address":             {Identity{Authenticated: true, Sub: "u-1", Email: "ADA@corp.example"}, ada, false},
		"the same alias":               {Identity{Authenticated: true, Sub: "u-1", Aliases: []string{"x", "ada@corp.example"}}, ada, false},
		"the same display name":        {Identity{Authenticated: true, Sub: "u-1", Name: "Ada@corp.example"}, ada, true},
		"another":                      {Identity{Authenticated: true, Sub: "bob", Email: "bob@corp.example"}, ada, true},
		"a program on its own":         {Identity{Authenticated: true, Sub: "job", Agent: Agent{Present: true}}, ada, false},
		"a program for another":        {Identity{Authenticated: true, Sub: "bob", Agent: Agent{Present: true, OnBehalfOf: "bob"}}, ada, true},
		"a program for the same":       {Identity{Authenticated: true, Sub: "ada@corp.example", Agent: Agent{Present: true, OnBehalfOf: "ada@corp.example"}}, ada, false},
	} {
		got, err := c.token.On(c.certificate)
		want := c.token
		want.Device = device
		if c.conflict {
			want = Identity{Device: device}
		}
		if errors.Is(err, ErrConflict) != c.conflict || cmp.Diff(want, got) != "" {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	if got, err := (Identity{}).On(ada); err != nil || got.Sub != ada.Sub {
		t.Errorf("without a token: %+v, %v", got, err)
	}
}

// FuzzPrincipalNames: an extension of any content is read without harm.
func FuzzPrincipalNames(f *testing.F) {
	f.Add(encodeNames(f, "ada@corp.example"))
	f.Add(encodeNames(f, "a", "b"))
	f.Add([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0x30, 0x80, 0x00, 0x00})
	f.Fuzz(func(t *testing.T, der []byte) {
		for _, name := range alternativeNames(&x509.Certificate{Extensions: []subject.Extension{{Id: oidSubjectAlt, Value: der}}}, tagOtherName, readPrincipal) {
			if len(name) > len(der) {
				t.Errorf("%d bytes of %d", len(name), len(der))
			}
		}
	})
}
