package proxy

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

// ListenerFiles are the PEM files of an HTTPS proxy. With ClientCA, a client
// needs a certificate of it that is made for clients.
type ListenerFiles struct{ Cert, Key, ClientCA string }

// A ListenerTLS is what an HTTPS proxy shows of itself: the certificate that the
// files held when they were last read well.
type ListenerTLS struct {
	files  ListenerFiles
	tried  [sha256.Size]byte // what was last loaded, well or not; Watch's alone
	inUse  atomic.Pointer[tls.Config]
	expiry atomic.Int64 // of the certificate in use, Unix seconds
}

// A SecureListener is one whose clients speak TLS to the proxy itself.
type SecureListener struct {
	net.Listener
	TLS *ListenerTLS
}

// NewListenerTLS reads the files. Errors begin with the key that is wrong:
// cert_file, key_file or client_ca_file.
func NewListenerTLS(files ListenerFiles) (*ListenerTLS, error) {
	l := &ListenerTLS{files: files}
	read, err := l.read()
	if err != nil {
		return nil, err
	}
	return l, l.load(read)
}

// Expiry is when the certificate in use ends.
func (l *ListenerTLS) Expiry() time.Time { return time.Unix(l.expiry.Load(), 0) }

// Watch polls the files until the context ends and puts changed ones in force for
// connections to come. Files that do not load leave the last good ones in force;
// report is called once for each change, with nil when it went well. A change is
// tried when two polls in a row read the same: a certificate and its key are two
// files, and are not written at once.
func (l *ListenerTLS) Watch(ctx context.Context, every time.Duration, report func(error)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var seen [sha256.Size]byte
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		read, err := l.read()
		state := read.state(err)
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
type tlsFiles struct{ cert, key, clientCA []byte }

// state differs when the files do, also when they cannot be read.
func (f tlsFiles) state(err error) [sha256.Size]byte {
	all := fmt.Appendf(nil, "%d %d %v\n", len(f.cert), len(f.key), err)
	return sha256.Sum256(bytes.Join([][]byte{all, f.cert, f.key, f.clientCA}, nil))
}

func (l *ListenerTLS) read() (tlsFiles, error) {
	var f tlsFiles
	var errs []error
	read := func(key, name string, private bool) []byte {
		data, err := readTLSFile(name, private)
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
	return f, errors.Join(errs...)
}

// load puts what was read in force.
func (l *ListenerTLS) load(f tlsFiles) error {
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
	l.inUse.Store(config) // with new ticket keys: no session outlives the files it began under
	l.expiry.Store(pair.Leaf.NotAfter.Unix())
	return nil
}

// readTLSFile reads a small regular file; a private one must be closed to those
// outside its group.
func readTLSFile(name string, private bool) ([]byte, error) {
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
	data, err := io.ReadAll(io.LimitReader(file, maxTLSFile+1))
	if err == nil && len(data) > maxTLSFile {
		err = fmt.Errorf("%s is over %d bytes", name, maxTLSFile)
	}
	return data, err
}

// certificateOf is the verified certificate of the client of an HTTPS proxy; nil
// where none was asked for.
func certificateOf(state *tls.ConnectionState) *x509.Certificate {
	if state == nil || len(state.VerifiedChains) == 0 {
		return nil
	}
	return state.PeerCertificates[0]
}
