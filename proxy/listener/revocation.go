package listener

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	asn1tag "golang.org/x/crypto/cryptobyte/asn1"
)

// Why the certificate of a client is not taken although its authority signed it.
var (
	ErrRevoked = errors.New("the certificate was taken back by its authority")
	// ErrLapsed: the authority's list is out of date, or there is none, so that
	// nothing can be said about its certificates.
	ErrLapsed = errors.New("no list in force says whether the certificate was taken back")
)

// revocations are the lists of certificates that authorities took back (CRL,
// RFC 5280 section 5), of one reading of the files. They do not change.
type revocations struct{ lists []*revocationList }

// A revocationList keeps little of what was parsed: a list can be large.
type revocationList struct {
	issuer      string
	rawIssuer   string
	from, until time.Time
	serials     map[string]struct{}
	points      []string // URIs of the part of the authority's certificates that it is about; none: all
}

// Extensions of a list. A critical one that is not known makes the list useless
// (RFC 5280 section 5.2), and a delta is not a whole list.
var (
	oidDelta             = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidDistributionPoint = asn1.ObjectIdentifier{2, 5, 29, 28}
)

// readRevocations parses files, each with one list in DER or any number in PEM.
// Every list must be signed by a certificate of the authorities (PEM). One that is
// out of date is taken: it still says who was taken back, and refuses the rest.
func readRevocations(files [][]byte, names []string, authorities []byte) (*revocations, error) {
	signers := certificatesIn(authorities)
	r := &revocations{}
	var errs []error
	for i, data := range files {
		lists, err := parseLists(data, signers)
		if err != nil {
			errs = append(errs, fmt.Errorf("client_crl_file: %s: %w", names[i], err))
			continue
		}
		r.lists = append(r.lists, lists...)
	}
	return r, errors.Join(errs...)
}

func parseLists(data []byte, signers []*x509.Certificate) (lists []*revocationList, err error) {
	ders := [][]byte{data}
	if bytes.Contains(data, []byte("-----BEGIN ")) {
		ders = nil
		for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
			if block.Type != "X509 CRL" {
				return nil, fmt.Errorf("holds a %s beside or instead of lists", block.Type)
			}
			ders = append(ders, block.Bytes)
		}
	}
	if len(ders) == 0 || len(data) == 0 {
		return nil, errors.New("holds no list")
	}
	for _, der := range ders {
		parsed, err := x509.ParseRevocationList(der)
		if err == nil && len(parsed.Raw) != len(der) { // a second list would be dropped in silence
			err = errors.New("something follows it")
		}
		if err != nil {
			return nil, fmt.Errorf("is not a list in PEM or DER: %w", err)
		}
		if err := verifyList(parsed, signers); err != nil {
			return nil, err
		}
		l, err := newRevocationList(parsed)
		if err != nil {
			return nil, fmt.Errorf("the list of %s %w", parsed.Issuer, err)
		}
		lists = append(lists, l)
	}
	return lists, nil
}

func newRevocationList(parsed *x509.RevocationList) (*revocationList, error) {
	l := &revocationList{
		issuer: parsed.Issuer.String(), rawIssuer: string(parsed.RawIssuer), from: parsed.ThisUpdate, until: parsed.NextUpdate,
		serials: make(map[string]struct{}, len(parsed.RevokedCertificateEntries)),
	}
	if parsed.NextUpdate.IsZero() {
		return nil, errors.New("does not say until when it holds")
	}
	for _, e := range parsed.Extensions {
		switch {
		case e.Id.Equal(oidDelta):
			return nil, errors.New("is a delta, not a whole list")
		case e.Id.Equal(oidDistributionPoint):
			var ok bool
			if l.points, ok = parseDistributionPoint(e.Value); !ok {
				return nil, errors.New("is about some reasons or kinds of certificate only")
			}
		case e.Critical:
			return nil, fmt.Errorf("has a critical extension that is not known: %s", e.Id)
		}
	}
	for _, revoked := range parsed.RevokedCertificateEntries {
		for _, e := range revoked.Extensions {
			if e.Critical { // as of an indirect list, whose entries are of other authorities
				return nil, fmt.Errorf("has an entry with a critical extension: %s", e.Id)
			}
		}
		l.serials[string(revoked.SerialNumber.Bytes())] = struct{}{}
	}
	return l, nil
}

// parseDistributionPoint reads which part of an authority's certificates a list is
// about (RFC 5280 section 5.2.5). One that is about some reasons, or certificates of
// authorities or attributes alone, or of other authorities, is not ok.
func parseDistributionPoint(der []byte) (points []string, ok bool) {
	context := func(n uint8) asn1tag.Tag { return asn1tag.Tag(n).ContextSpecific() }
	var all, point, names, uri cryptobyte.String
	var kind asn1tag.Tag
	var named bool
	in := cryptobyte.String(der)
	if !in.ReadASN1(&all, asn1tag.SEQUENCE) || !in.Empty() {
		return nil, false
	}
	if !all.ReadOptionalASN1(&point, &named, context(0).Constructed()) {
		return nil, false
	}
	if named {
		if !point.ReadASN1(&names, context(0).Constructed()) { // fullName; relative names are not used any more
			return nil, false
		}
		for !names.Empty() {
			if !names.ReadAnyASN1(&uri, &kind) {
				return nil, false
			}
			if kind == context(6) {
				points = append(points, string(uri))
			}
		}
		if len(points) == 0 {
			return nil, false
		}
	}
	if !all.SkipOptionalASN1(context(1)) { // onlyContainsUserCerts: clients are that
		return nil, false
	}
	return points, all.Empty()
}

func certificatesIn(text []byte) (all []*x509.Certificate) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			all = append(all, cert)
		}
	}
	return all
}

func verifyList(l *x509.RevocationList, signers []*x509.Certificate) error {
	var last error
	for _, s := range signers {
		if !bytes.Equal(s.RawSubject, l.RawIssuer) {
			continue
		}
		if last = l.CheckSignatureFrom(s); last == nil {
			return nil
		}
	}
	if last == nil {
		return fmt.Errorf("the list is of %s, whose certificate is not in client_ca_file", l.Issuer)
	}
	return fmt.Errorf("the list of %s is not signed by it: %w", l.Issuer, last)
}

// check looks at verified chains. No certificate in them may have been taken back,
// and a list in force must speak of the client's own.
func (r *revocations) check(chains [][]*x509.Certificate, now time.Time) error {
	if r == nil {
		return nil
	}
	for _, chain := range chains {
		for _, cert := range chain[:max(1, len(chain)-1)] { // the last is trusted by itself
			if r.revoked(cert) {
				return ErrRevoked
			}
		}
		if !r.inForce(chain[0], now) {
			return fmt.Errorf("%w: issued by %s", ErrLapsed, chain[0].Issuer)
		}
	}
	return nil
}

func (r *revocations) revoked(cert *x509.Certificate) bool {
	return slices.ContainsFunc(r.lists, func(l *revocationList) bool {
		_, listed := l.serials[string(cert.SerialNumber.Bytes())]
		return listed && l.rawIssuer == string(cert.RawIssuer)
	})
}

func (r *revocations) inForce(cert *x509.Certificate, now time.Time) bool {
	return slices.ContainsFunc(r.lists, func(l *revocationList) bool {
		return l.rawIssuer == string(cert.RawIssuer) && l.speaksOf(cert) && l.current(now)
	})
}

// speaksOf reports whether a certificate is in the part that the list is about.
func (l *revocationList) speaksOf(cert *x509.Certificate) bool {
	return len(l.points) == 0 || slices.ContainsFunc(l.points, func(p string) bool { return slices.Contains(cert.CRLDistributionPoints, p) })
}

func (l *revocationList) current(now time.Time) bool {
	return !now.Before(l.from) && now.Before(l.until)
}

// lapsed names a list that is out of date and has no other in its place.
func (r *revocations) lapsed(now time.Time) error {
	if r == nil {
		return nil
	}
	for _, l := range r.lists {
		if l.current(now) || slices.ContainsFunc(r.lists, func(o *revocationList) bool {
			return o.current(now) && o.rawIssuer == l.rawIssuer && (len(o.points) == 0 || slices.Equal(o.points, l.points))
		}) {
			continue
		}
		return fmt.Errorf("client_crl_file: %w: the list of %s holds from %s to %s; its clients are refused until there is another",
			ErrLapsed, l.issuer, l.from.UTC().Format(time.RFC3339), l.until.UTC().Format(time.RFC3339))
	}
	return nil
}
