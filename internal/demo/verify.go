package demo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// check is one thing that must be true of an ID token.
type check struct {
	Name   string
	Passed bool
	Detail string
}

// idToken is an ID token as a page shows it.
type idToken struct {
	Raw             string
	Head, Body, Sig string // the three parts of Raw
	Header, Claims  string // decoded
	Checks          []check
	Sound           bool
	Subject         string
	Email           string
}

// expected is what an ID token is held against.
type expected struct {
	clientID string
	nonce    string // empty after a refresh, whose ID token need not carry one
	subject  string // empty at the sign-in
	access   string
}

// verify judges an ID token. go-oidc's verdict over all it knows is the one that counts; each of its
// checks runs once more alone, because it stops at the first that fails and people want to see all.
func (p *provider) verify(
	ctx context.Context, rt http.RoundTripper, raw string, want expected,
) idToken {
	t := decode(raw)
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(ctx, client(rt)), p.meta.Keys)
	run := func(config oidc.Config) (*oidc.IDToken, error) {
		config.SupportedSigningAlgs = p.algorithms()
		return oidc.NewVerifier(p.issuer, keys, &config).Verify(ctx, raw)
	}
	add := func(name string, passed bool, format string, args ...any) {
		t.Checks = append(t.Checks, check{name, passed, fmt.Sprintf(format, args...)})
	}

	signed, err := run(oidc.Config{SkipClientIDCheck: true, SkipExpiryCheck: true, SkipIssuerCheck: true})
	if err != nil {
		// Nothing in a token that nobody signed is worth judging.
		add("Signature", false, "no key of %s verifies it: %v", p.meta.Keys, err)
		return t
	}
	add("Signature", true, "%s, by a key of %s", header(t.Header), p.meta.Keys)
	t.Subject = signed.Subject

	_, err = run(oidc.Config{SkipClientIDCheck: true, SkipExpiryCheck: true})
	add("Issuer", err == nil, "iss is %s, the provider is %s", signed.Issuer, p.issuer)
	_, err = run(oidc.Config{ClientID: want.clientID, SkipExpiryCheck: true, SkipIssuerCheck: true})
	add("Audience", err == nil, "aud is %s, the client is %s", strings.Join(signed.Audience, ", "), want.clientID)
	_, err = run(oidc.Config{SkipClientIDCheck: true, SkipIssuerCheck: true})
	add("Expiry", err == nil, "exp is %s", signed.Expiry.UTC().Format(time.RFC3339))
	if want.nonce != "" {
		add("Nonce", signed.Nonce == want.nonce, "nonce is %s, sent was %s", orText(signed.Nonce, "absent"), want.nonce)
	}
	if want.subject != "" {
		add("Subject", signed.Subject == want.subject, "sub is %s, it was %s", signed.Subject, want.subject)
	}
	if signed.AccessTokenHash != "" {
		err = signed.VerifyAccessToken(want.access)
		add("Access token", err == nil, "at_hash is %s", signed.AccessTokenHash)
	}

	_, err = run(oidc.Config{ClientID: want.clientID})
	t.Sound = err == nil
	for _, c := range t.Checks {
		t.Sound = t.Sound && c.Passed
	}
	var claims struct {
		Email string `json:"email"`
	}
	if signed.Claims(&claims) == nil {
		t.Email = claims.Email
	}
	return t
}

// algorithms never contains none, whatever a discovery document says.
func (p *provider) algorithms() []string {
	var out []string
	for _, alg := range p.meta.Algorithms {
		if alg != "none" && !strings.HasPrefix(alg, "HS") {
			out = append(out, alg)
		}
	}
	if len(out) == 0 {
		return []string{oidc.RS256}
	}
	return out
}

// decode takes a JWT apart without judging it.
func decode(raw string) idToken {
	t := idToken{Raw: raw, Head: raw}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return t
	}
	t.Head, t.Body, t.Sig = parts[0], parts[1], parts[2]
	t.Header, t.Claims = segment(parts[0]), segment(parts[1])
	return t
}

func segment(s string) string {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return "(not base64url)"
	}
	return pretty(raw)
}

// header names algorithm and key of a decoded JWT header.
func header(decoded string) string {
	var h struct {
		Algorithm string `json:"alg"`
		Key       string `json:"kid"`
	}
	// It verified, so it is JSON; an empty kid is shown as none.
	_ = json.Unmarshal([]byte(decoded), &h)
	return h.Algorithm + ", key " + orText(h.Key, "without a name")
}
