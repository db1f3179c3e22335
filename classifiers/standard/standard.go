// Package standard holds the one list of classifier families that ship.
package standard

import (
	"fmt"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/custom"
	"github.com/sluice-proxy/sluice/classifiers/injection"
	"github.com/sluice-proxy/sluice/classifiers/markings"
	"github.com/sluice-proxy/sluice/classifiers/pci"
	"github.com/sluice-proxy/sluice/classifiers/phi"
	"github.com/sluice-proxy/sluice/classifiers/pii"
	"github.com/sluice-proxy/sluice/classifiers/secrets"
	"github.com/sluice-proxy/sluice/classifiers/sourcecode"
)

// Options are those of the Set, and what the company tells of its own data.
type Options struct {
	Key         [32]byte
	CacheBytes  int64
	MaxFindings int
	Own         *Own // nil: nothing

	Remote        classifiers.Remote // as classifiers.Options have it
	RemoteMayFail bool
}

// builtin returns the families that ship, told of the company's own data.
func builtin(own *Own) ([]classifiers.Classifier, error) {
	secret, err := secrets.New()
	if err != nil {
		return nil, fmt.Errorf("standard: %w", err)
	}
	inject, err := injection.New()
	if err != nil {
		return nil, fmt.Errorf("standard: %w", err)
	}
	return []classifiers.Classifier{
		secret,
		pci.New(),
		pii.New(),
		phi.New(),
		sourcecode.New(sourcecode.Options{Internal: own.Internal}),
		markings.New(markings.Options{Labels: own.Labels}),
		inject,
	}, nil
}

// Anchors lists the anchors of the families that ship. It fails when an embedded rule
// is broken.
func Anchors() ([]string, error) {
	families, err := builtin(&Own{File: new(custom.File)})
	var all []string
	for _, f := range families {
		all = append(all, f.Describe().Anchors...)
	}
	return all, err
}

// New returns the Set of all families. It fails when an embedded rule is broken, and when
// the company's own data does not go with the built-in families.
func New(opts Options) (*classifiers.Set, error) {
	own := opts.Own
	if own == nil {
		own = &Own{File: new(custom.File)}
	}
	families, err := builtin(own)
	if err != nil {
		return nil, err
	}
	if err := own.fits(families); err != nil {
		return nil, err
	}
	set, err := classifiers.New(classifiers.Options{
		Key: opts.Key, CacheBytes: opts.CacheBytes, MaxFindings: opts.MaxFindings, Remote: opts.Remote, RemoteMayFail: opts.RemoteMayFail,
	}, append(families, own.Families...)...)
	if err != nil {
		return nil, fmt.Errorf("standard: %w", err)
	}
	return set, nil
}
