package hydra

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/jwk"
	hx "github.com/ory/hydra/v2/x"
)

// makeKeys makes the signing keys that do not exist yet, or none for what this process signs with. Hydra would
// make them in the first request that needs them, which takes seconds (docs/ory-quirks.md#q21). It runs
// under the lease of starts.
func (e *Engine) makeKeys(ctx context.Context) error {
	signers := map[string]jwk.JWTSigner{
		hx.OpenIDConnectKeyName: e.registry.OpenIDJWTStrategy(),
		hx.OAuth2JWTKeyName:     e.registry.AccessTokenJWTStrategy(),
	}
	results := make(chan error, len(signers))
	for set, s := range signers {
		// Side by side: an RSA key is up to seconds of arithmetic on one core.
		go func() {
			_, err := s.GetPublicKey(ctx)
			if err != nil {
				// Its own text is one word; the hint says which secret is missing.
				if known := (*fosite.RFC6749Error)(nil); errors.As(err, &known) && known.HintField != "" {
					err = fmt.Errorf("%s (%w)", strings.TrimSuffix(known.HintField, "."), err)
				}
				err = fmt.Errorf("making signing keys %s: %w", set, err)
			}
			results <- err
		}()
	}
	var all error
	for range signers {
		all = errors.Join(all, <-results)
	}
	return all
}
