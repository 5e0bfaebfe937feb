package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// provider is what discovery told.
type provider struct {
	issuer    string
	oidc      *oidc.Provider
	meta      metadata
	discovery exchange
}

// metadata is what the demo needs of the discovery document beyond go-oidc's own reading.
type metadata struct {
	Userinfo   string   `json:"userinfo_endpoint"`
	Revocation string   `json:"revocation_endpoint"`
	EndSession string   `json:"end_session_endpoint"`
	Keys       string   `json:"jwks_uri"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
	Scopes     []string `json:"scopes_supported"`
}

// How long a stack that says it is starting is waited for: migrations of a first start take seconds.
const (
	startTime  = 30 * time.Second
	startPause = 300 * time.Millisecond
)

// discover reads the provider's metadata. Somebody who starts both in one go meets a provider that
// is not ready yet, so that one answer alone is waited out.
func discover(ctx context.Context, cfg Config, rt http.RoundTripper) (*provider, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	told := false
	for {
		p, starting, err := discoverOnce(ctx, cfg, rt)
		if !starting {
			return p, err
		}
		if !told {
			told = true
			fmt.Fprintf(cfg.Out, "%s is starting; waiting for it ...\n", cfg.Issuer)
		}
		pause := time.NewTimer(startPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil, fmt.Errorf("%s is still not ready: look at the log of identityd serve", cfg.Issuer)
		}
	}
}

func discoverOnce(ctx context.Context, cfg Config, rt http.RoundTripper) (*provider, bool, error) {
	rec := &recorder{next: rt, name: "Discovery"}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, client(rec)), cfg.Issuer)
	var mismatch *oidc.IssuerMismatchError
	switch {
	case err == nil:
	case errors.As(err, &mismatch):
		return nil, false, badArgument("the provider at %s calls itself %s, and the two must be equal to "+
			"the letter: use --issuer %s", cfg.Issuer, mismatch.Discovered, mismatch.Discovered)
	case len(rec.seen) == 0 || rec.seen[0].Status == "":
		return nil, false, unanswered(cfg.Issuer, err)
	case rec.seen[0].Status[:3] == "503":
		return nil, true, nil
	default:
		return nil, false, fmt.Errorf("%s answers, but not as an OpenID Connect provider (%s for %s): name "+
			"the right one with --issuer", cfg.Issuer, rec.seen[0].Status, rec.seen[0].URL)
	}
	p := &provider{issuer: cfg.Issuer, oidc: found, discovery: rec.seen[0]}
	if err := found.Claims(&p.meta); err != nil {
		return nil, false, fmt.Errorf("reading the discovery document: %w", err)
	}
	return p, false, nil
}

// unanswered is the first thing many people will see of the demo.
func unanswered(issuer string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("nothing answers at %s: start the stack first, with identityd serve in another "+
			"terminal, or name another provider with --issuer", issuer)
	}
	return fmt.Errorf("asking %s: %w", issuer, err)
}

// client is an HTTP client that shows redirects instead of following them.
func client(rt http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: rt, Timeout: requestTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// text reads a JSON string member of an answer, for messages.
func text(raw []byte, name string) string {
	var members map[string]json.RawMessage
	var out string
	if json.Unmarshal(raw, &members) != nil || json.Unmarshal(members[name], &out) != nil {
		return ""
	}
	return out
}
