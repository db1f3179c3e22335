package classifiers

import "context"

func (s *Set) split(_ context.Context, _ []Sample, all []Finding) ([]Finding, error) {
	return all, nil
}
