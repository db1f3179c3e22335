// Package standard holds the one list of classifier families that ship.
package standard

import (
	"fmt"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/injection"
	"github.com/sluice-proxy/sluice/classifiers/markings"
	"github.com/sluice-proxy/sluice/classifiers/pci"
	"github.com/sluice-proxy/sluice/classifiers/pii"
	"github.com/sluice-proxy/sluice/classifiers/secrets"
	"github.com/sluice-proxy/sluice/classifiers/sourcecode"
)

// Options are those of the Set.
type Options = classifiers.Options

// New returns the Set of all families. It fails when an embedded rule is broken.
func New(opts Options) (*classifiers.Set, error) {
	secret, err := secrets.New()
	if err != nil {
		return nil, fmt.Errorf("standard: %w", err)
	}
	inject, err := injection.New()
	if err != nil {
		return nil, fmt.Errorf("standard: %w", err)
	}
	families := []classifiers.Classifier{
		secret,
		pci.New(),
		pii.New(),
		sourcecode.New(sourcecode.Options{}),
		markings.New(markings.Options{}),
		inject,
	}
	set, err := classifiers.New(opts, families...)
	if err != nil {
		return nil, fmt.Errorf("standard: %w", err)
	}
	return set, nil
}
