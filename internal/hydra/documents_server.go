package hydra

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// serverWords are those of the discovery document that mean the same to clients that know OAuth 2.0 alone, and
// what OpenID Connect adds that such a client can use. Introspection is not among them: it is an admin API.
func serverWords() []string {
	return []string{
		"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint", "scopes_supported",
		"response_types_supported", "response_modes_supported", "grant_types_supported", "token_endpoint_auth_methods_supported",
		"revocation_endpoint", "code_challenge_methods_supported", "userinfo_endpoint", "end_session_endpoint", wordIssuer,
	}
}

// assertionAlgs are what fosite verifies assertions of clients with (fosite: client_authentication.go).
func assertionAlgs() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
}

// serverMetadata is RFC 8414, made of the discovery document.
func (d *documents) serverMetadata(r *http.Request) (*document, error) {
	found, err := d.discovery(r)
	if errors.Is(err, errNoKeys) { // upstream makes them when it is asked for its own document
		if _, err = d.upstream(r.Context()); err == nil {
			found, err = d.discovery(r)
		}
	}
	if err != nil {
		return nil, err
	}
	if last := d.server.Load(); last != nil && last.of == found {
		return last, nil
	}
	var all map[string]any
	if err := json.Unmarshal(found.body, &all); err != nil {
		return nil, fmt.Errorf("reading the discovery document: %w", err)
	}
	out := map[string]any{}
	for _, word := range serverWords() {
		if v, ok := all[word]; ok && v != "" {
			out[word] = v
		}
	}
	// Section 2 wants them said where an assertion is one of the methods.
	out["token_endpoint_auth_signing_alg_values_supported"] = assertionAlgs()
	out["revocation_endpoint_auth_methods_supported"] = out["token_endpoint_auth_methods_supported"]
	out["revocation_endpoint_auth_signing_alg_values_supported"] = assertionAlgs()
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("rendering the metadata of the server: %w", err)
	}
	doc := render(found.rows, append(body, '\n'))
	doc.of = found
	d.server.Store(doc)
	return doc, nil
}
