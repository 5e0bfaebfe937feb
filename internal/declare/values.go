package declare

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Values are what is declared, or held, by the words of the file: text, true or false, or a list whose order
// means nothing.
type Values map[string]any

// hidden is a value that is compared and never printed.
type hidden string

// Change is one word that differs.
type Change struct {
	Word string `json:"word"`
	// Was and Is are left out for what is secret or personal.
	Was any `json:"was,omitempty"`
	Is  any `json:"is,omitempty"`
}

// Values are the words of a client, but for its secret.
func (c Client) Values() Values {
	c = c.canonical()
	return Values{
		"name": c.Name, "redirect_uris": c.RedirectURIs, "post_logout_redirect_uris": c.PostLogoutRedirectURIs,
		"origins": c.Origins, "grant_types": c.GrantTypes, "response_types": c.ResponseTypes, "scope": c.Scopes,
		"audience": c.Audience, "token_endpoint_auth_method": c.AuthMethod, "jwks_uri": c.JWKSURI,
		"access_token_strategy": c.AccessTokens, "skip_consent": c.SkipConsent,
		"skip_logout_consent": c.SkipLogoutConsent, "frontchannel_logout_uri": c.FrontchannelLogoutURI,
		"backchannel_logout_uri": c.BackchannelLogoutURI, "client_uri": c.URI, "logo_uri": c.LogoURI,
		"policy_uri": c.PolicyURI, "tos_uri": c.TermsURI, "contacts": c.Contacts, "claims": c.Claims,
	}
}

// differ lists the words whose values are not the same, in order.
func differ(was, is Values) []Change {
	all := maps.Clone(was)
	if all == nil {
		all = Values{}
	}
	maps.Copy(all, is)
	var out []Change
	for _, word := range slices.Sorted(maps.Keys(all)) {
		a, b := was[word], is[word]
		if same(a, b) {
			continue
		}
		_, secretA := a.(hidden)
		_, secretB := b.(hidden)
		if secretA || secretB {
			out = append(out, Change{Word: word})
			continue
		}
		out = append(out, Change{Word: word, Was: a, Is: b})
	}
	return out
}

func same(a, b any) bool {
	return empty(a) && empty(b) || reflect.DeepEqual(a, b)
}

func empty(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Slice, reflect.Map:
		return r.Len() == 0
	}
	return r.IsZero()
}

// Sum stands for a JSON object as a server holds it, without some of its keys, and without what says
// nothing: a key that a new release adds must not look like a change.
func Sum(raw []byte, without ...string) (string, error) {
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return "", fmt.Errorf("decoding what the server holds: %w", err)
	}
	for _, key := range without {
		delete(all, key)
	}
	out, err := json.Marshal(said(all))
	if err != nil {
		return "", fmt.Errorf("encoding what the server holds: %w", err)
	}
	sum := sha256.Sum256(out)
	return hex.EncodeToString(sum[:]), nil
}

// said leaves out what is empty.
func said(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for key, value := range m {
		if value = said(value); !empty(value) {
			out[key] = value
		}
	}
	return out
}
