package ca

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A Phase is how far a rotation is. It is what the files say: for ca.pem and
// ca-key.pem, a next root is ca-next.pem with ca-next-key.pem, a previous one is
// ca-previous.pem, whose key is gone.
//
//	Single --Rotate--> Published --Switch--> Switched --Finish--> Single
//	                   Published --Cancel--> Single
//
// In every phase all roots of it are handed out, and one signs. A client that took
// both while the rotation was Published, or Switched, is at home in either.
type Phase string

// The phases.
const (
	Single    Phase = "single"    // one root
	Published Phase = "published" // the next root is handed out, the old one signs
	Switched  Phase = "switched"  // the next root signs, the old one is still handed out
)

// ErrPhase says that a step does not follow from the phase that a rotation is in.
var ErrPhase = errors.New("not the next step of a rotation")

// Phase tells how far a rotation was when the authority was opened.
func (a *Authority) Phase() Phase {
	switch {
	case a.next != nil:
		return Published
	case a.previous != nil:
		return Switched
	}
	return Single
}

// Rotate begins a rotation: a new root is made beside the one that signs, and is
// handed out with it. Every step is put in force by opening the authority anew.
func Rotate(o Options) (*Authority, error) {
	return step(o, Single, func(o Options, _ *x509.Certificate) error {
		key, keyPEM, err := newKey()
		if err != nil {
			return err
		}
		root, err := newRoot(key, o.Clock())
		if err != nil {
			return err
		}
		if err := replace(nextKeyFile(o.KeyFile), keyPEM, 0o600); err != nil {
			return err
		}
		return replace(nextFile(o.CertFile), encodeCert(root), 0o644) // last: it is what makes the phase
	})
}

// Switch makes the next root the one that signs. The old key is gone then: clients
// that trust the old root alone refuse everything from here on, so the next one
// must have reached them before.
func Switch(o Options) (*Authority, error) {
	return step(o, Published, func(o Options, old *x509.Certificate) error {
		next, _, err := load(nextFile(o.CertFile), nextKeyFile(o.KeyFile), o.Clock())
		if err != nil {
			return err
		}
		if !selfSigned(next[0]) {
			return fmt.Errorf("%w: %s is not a root that was made here", ErrInvalid, nextFile(o.CertFile))
		}
		// In this order a cut at any point leaves the old pair, or the new key with
		// the new certificate waiting beside it, which finishSwitch puts in place.
		if err := replace(previousFile(o.CertFile), encodeCert(old), 0o644); err != nil {
			return err
		}
		if err := os.Rename(nextKeyFile(o.KeyFile), o.KeyFile); err != nil {
			return err
		}
		return finishSwitch(o.CertFile, o.KeyFile)
	})
}

// Finish stops handing out the root before the last switch.
func Finish(o Options) (*Authority, error) {
	return step(o, Switched, func(o Options, _ *x509.Certificate) error {
		return remove(previousFile(o.CertFile))
	})
}

// Cancel takes back a rotation that has not switched.
func Cancel(o Options) (*Authority, error) {
	return step(o, Published, func(o Options, _ *x509.Certificate) error {
		return errors.Join(remove(nextFile(o.CertFile)), remove(nextKeyFile(o.KeyFile)))
	})
}

// step takes one step of a rotation and opens what it leads to. A given pair (Make
// is false) is rotated by whoever issued it, and refused here.
func step(o Options, from Phase, take func(o Options, old *x509.Certificate) error) (*Authority, error) {
	if !o.Make {
		return nil, fmt.Errorf("ca: rotate: %w: this pair was given, not made; ask its issuer for a new one", ErrInvalid)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if _, err := Open(o); err != nil { // made where there is none yet
		return nil, err
	}
	unlock, err := lockDir(filepath.Dir(o.KeyFile)) // two steps at once would mix their pairs
	if err != nil {
		return nil, fmt.Errorf("ca: rotate: %w", err)
	}
	defer unlock()
	before, err := Open(o) // nobody changes it any more
	if err != nil {
		return nil, err
	}
	if len(before.chain) != 1 || !selfSigned(before.Root()) {
		return nil, fmt.Errorf("ca: rotate: %w: %s is not a root that was made here; ask its issuer for a new one", ErrInvalid, o.CertFile)
	}
	if phase := before.Phase(); phase != from {
		return nil, fmt.Errorf("ca: rotate: %w: it is %s", ErrPhase, phase)
	}
	if err := take(o, before.Root()); err != nil {
		return nil, fmt.Errorf("ca: rotate: %w", err)
	}
	return Open(o)
}

// finishSwitch puts a waiting certificate in place if it is the key's.
func finishSwitch(certFile, keyFile string) error {
	next, err := loadCerts(nextFile(certFile))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	key, err := loadKey(keyFile)
	if err != nil {
		return err
	}
	if !matches(next[0], key) {
		return nil // it waits for its switch: the old pair stands
	}
	if err := os.Rename(nextFile(certFile), certFile); err != nil && !errors.Is(err, fs.ErrNotExist) { // another process was faster
		return err
	}
	return syncDir(filepath.Dir(certFile))
}

// remove removes a file, durably; one that is not there is no error.
func remove(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDir(filepath.Dir(name))
}

func previousFile(certFile string) string { return beside(certFile, "-previous") }

func nextFile(certFile string) string { return beside(certFile, "-next") }

func nextKeyFile(keyFile string) string {
	if name, ok := strings.CutSuffix(keyFile, "-key.pem"); ok {
		return name + "-next-key.pem"
	}
	return beside(keyFile, "-next")
}

func beside(file, suffix string) string { return strings.TrimSuffix(file, ".pem") + suffix + ".pem" }
