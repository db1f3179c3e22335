// Package listener is what an HTTPS proxy shows of itself and asks of its clients:
// certificate, authority of client certificates and lists of those that were taken
// back, read from files that are watched.
package listener

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// maxTLSFile bounds what is read of a certificate or key file.
const maxTLSFile = 1 << 20

// maxCRLFile bounds what is read of a list of revoked certificates: some 400,000.
const maxCRLFile = 16 << 20

// Files are the PEM files of an HTTPS proxy. With ClientCA, a client
// needs a certificate of it that is made for clients. With ClientCRLs, PEM or DER,
// that certificate must not be in them, and one that is in force must be of its
// authority, which must stand in ClientCA, an intermediate one too.
type Files struct {
	Cert, Key, ClientCA string
	ClientCRLs          []string
}

// TLS is what an HTTPS proxy shows of itself: the certificate that the
// files held when they were last read well.
type TLS struct {
	files  Files
	tried  [sha256.Size]byte // what was last loaded, well or not; Watch's alone
	kept   map[string]keptFile
	inUse  atomic.Pointer[tls.Config]
	lists  atomic.Pointer[revocations] // nil without ClientCRLs
	expiry atomic.Int64                // of the certificate in use, Unix seconds
}

// A Secure listener is one whose clients speak TLS to the proxy itself.
type Secure struct {
	net.Listener
	TLS *TLS
}

// New reads the files. Errors begin with the key that is wrong:
// cert_file, key_file, client_ca_file or client_crl_file.
func New(files Files) (*TLS, error) {
	l := &TLS{files: files, kept: map[string]keptFile{}}
	read, err := l.read()
	if err != nil {
		return nil, err
	}
	return l, l.load(read)
}

// Config is what new connections are served with. It must not be changed.
func (l *TLS) Config() *tls.Config { return l.inUse.Load() }

// Expiry is when the certificate in use ends.
func (l *TLS) Expiry() time.Time { return time.Unix(l.expiry.Load(), 0) }

// Check looks at the certificate of a client again, which may have been taken back,
// or have ended, since its connection began. It may be called by many at once.
func (l *TLS) Check(cert *x509.Certificate, now time.Time) error {
	return l.lists.Load().check([][]*x509.Certificate{{cert}}, now)
}

// Watch polls the files until the context ends and puts changed ones in force for
// connections to come. Files that do not load leave the last good ones in force;
// report is called once for each change, with nil when it went well, and with
// ErrLapsed when a list of revoked certificates goes out of date. A change is
// tried when two polls in a row read the same: a certificate and its key are two
// files, and are not written at once.
func (l *TLS) Watch(ctx context.Context, every time.Duration, report func(error)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var seen [sha256.Size]byte
	lapsed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		read, err := l.read()
		state := read.state(err)
		gone := l.lists.Load().lapsed(time.Now())
		if gone != nil && !lapsed {
			report(gone)
		}
		lapsed = gone != nil
		settled := state == seen
		seen = state
		if !settled || state == l.tried {
			continue
		}
		if err == nil {
			err = l.load(read)
		}
		l.tried = state
		report(err)
	}
}

// tlsFiles is what the files held.
type tlsFiles struct {
	cert, key, clientCA []byte
	lists               []keptFile
}

// A keptFile was read already; it is not read again as long as it looks the same.
type keptFile struct {
	info os.FileInfo
	read time.Time
	data []byte
	sum  [sha256.Size]byte
}

// state differs when the files do, also when they cannot be read.
func (f tlsFiles) state(err error) [sha256.Size]byte {
	all := fmt.Appendf(nil, "%d %d %v\n", len(f.cert), len(f.key), err)
	for _, l := range f.lists {
		all = append(all, l.sum[:]...)
	}
	return sha256.Sum256(bytes.Join([][]byte{all, f.cert, f.key, f.clientCA}, nil))
}

func (l *TLS) read() (tlsFiles, error) {
	var f tlsFiles
	var errs []error
	read := func(key, name string, private bool) []byte {
		data, err := readTLSFile(name, private, maxTLSFile)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
		}
		return data
	}
	f.cert = read("cert_file", l.files.Cert, false)
	f.key = read("key_file", l.files.Key, true)
	if l.files.ClientCA != "" {
		f.clientCA = read("client_ca_file", l.files.ClientCA, false)
	}
	for _, name := range l.files.ClientCRLs {
		list, err := l.readList(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("client_crl_file: %w", err))
		}
		f.lists = append(f.lists, list)
	}
	return f, errors.Join(errs...)
}

// settling is how long after it was written a file may be written again without
// showing it in its time.
const settling = 2 * time.Second

// readList reads a file that may be large, if it has changed. Polls must not cost
// what a list does.
func (l *TLS) readList(name string) (keptFile, error) {
	info, err := os.Stat(name)
	if err != nil {
		return keptFile{}, err
	}
	old := l.kept[name]
	if old.info != nil && os.SameFile(info, old.info) && info.Size() == old.info.Size() && info.ModTime().Equal(old.info.ModTime()) &&
		old.read.Sub(info.ModTime()) > settling {
		return old, nil
	}
	fresh := keptFile{info: info, read: time.Now()}
	if fresh.data, err = readTLSFile(name, false, maxCRLFile); err != nil {
		return keptFile{}, err
	}
	fresh.sum = sha256.Sum256(fresh.data)
	l.kept[name] = fresh
	return fresh, nil
}

// load puts what was read in force.
func (l *TLS) load(f tlsFiles) error {
	l.tried = f.state(nil)
	pair, err := tls.X509KeyPair(f.cert, f.key) // its errors do not quote the key
	if err != nil {
		return fmt.Errorf("cert_file: %s and its key: %w", l.files.Cert, err)
	}
	if key, ok := pair.Leaf.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
		return fmt.Errorf("cert_file: %s has an RSA key of %d bits; 2048 is the least", l.files.Cert, key.N.BitLen())
	}
	if now := time.Now(); now.After(pair.Leaf.NotAfter) || now.Before(pair.Leaf.NotBefore) {
		return fmt.Errorf("cert_file: %s is valid from %s to %s, not now", l.files.Cert,
			pair.Leaf.NotBefore.UTC().Format(time.RFC3339), pair.Leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{pair},
		NextProtos:   []string{"http/1.1"}, // a CONNECT over HTTP/2 could not be taken over
		MinVersion:   tls.VersionTLS12,
	}
	if l.files.ClientCA != "" {
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(f.clientCA) {
			return fmt.Errorf("client_ca_file: %s holds no certificate", l.files.ClientCA)
		}
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	lists, err := l.loadLists(f)
	if err != nil {
		return err
	}
	if lists != nil {
		config.VerifyConnection = func(state tls.ConnectionState) error { return lists.check(state.VerifiedChains, time.Now()) } // of resumed sessions too
	}
	l.lists.Store(lists)
	l.inUse.Store(config) // with new ticket keys: no session outlives the files it began under
	l.expiry.Store(pair.Leaf.NotAfter.Unix())
	return nil
}

func (l *TLS) loadLists(f tlsFiles) (*revocations, error) {
	if len(l.files.ClientCRLs) == 0 {
		return nil, nil
	}
	data := make([][]byte, len(f.lists))
	for i, list := range f.lists {
		data[i] = list.data
	}
	return readRevocations(data, l.files.ClientCRLs, f.clientCA)
}

// readTLSFile reads a small regular file; a private one must be closed to those
// outside its group.
func readTLSFile(name string, private bool, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // read only
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", name)
	case private && info.Mode().Perm()&0o007 != 0:
		return nil, fmt.Errorf("%s can be read by others; run: chmod o= %s", name, name)
	}
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s is over %d bytes", name, most)
	}
	return data, err
}

// CertificateOf is the verified certificate of the client of an HTTPS proxy; nil
// where none was asked for.
func CertificateOf(state *tls.ConnectionState) *x509.Certificate {
	if state == nil || len(state.VerifiedChains) == 0 {
		return nil
	}
	return state.PeerCertificates[0]
}
