package stack

import (
	"errors"
	"fmt"
	"log/slog"

	"example.com/identityd/internal/claims"
)

// compileClaims reads the claims: block again. The command line has had it checked with everything else
// already; a caller that has not gets an error here.
func compileClaims(block map[string]map[string]any, log *slog.Logger) (*claims.Mapper, error) {
	m, problems := claims.Compile(block)
	var all error
	for _, p := range problems {
		all = errors.Join(all, fmt.Errorf("%s: %s", p.Path, p.Message))
	}
	if all != nil {
		return nil, fmt.Errorf("reading claims: %w", all)
	}
	for _, w := range m.Warnings() {
		log.Warn("claim deserves a second look", "key", w.Path, "reason", w.Message)
	}
	m.Log = log
	return m, nil
}
