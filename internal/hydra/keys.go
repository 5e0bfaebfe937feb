package hydra

import (
	"context"
	"errors"
	"fmt"

	"github.com/gofrs/uuid"
	"github.com/ory/hydra/v2/jwk"
	"github.com/ory/hydra/v2/x"
)

// makeKeys makes the signing keys that do not exist yet. Hydra would make them in the first request
// that needs them, which takes seconds (docs/ory-quirks.md#q21).
func (e *Engine) makeKeys(ctx context.Context) error {
	sets := []string{x.OpenIDConnectKeyName, x.OAuth2JWTKeyName}
	results := make(chan error, len(sets))
	for _, set := range sets {
		// Side by side: each is seconds of arithmetic on one core.
		go func() {
			kid := uuid.Must(uuid.NewV4()).String()
			_, err := jwk.GetOrGenerateKeys(ctx, e.registry, e.registry.KeyManager(), set, kid, "RS256")
			if err != nil {
				err = fmt.Errorf("making signing keys %s: %w", set, err)
			}
			results <- err
		}()
	}
	var all error
	for range sets {
		all = errors.Join(all, <-results)
	}
	return all
}
