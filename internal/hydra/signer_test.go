package hydra

import (
	"context"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v3"
	"github.com/google/go-cmp/cmp"
	"github.com/ory/fosite"
	"github.com/ory/fosite/token/jwt"
	hx "github.com/ory/hydra/v2/x"
	"github.com/ory/x/josex"
)

// ringOf is a keyring that knows its rows, and needs no database.
func ringOf(t *testing.T, set string, keys ...jose.JSONWebKey) *keyring {
	t.Helper()
	k, err := newKeyring(nil, nil, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	for i, key := range keys {
		sealed := set + key.KeyID + string(rune('a'+i))
		k.parsed.Add(sealed, &key)
		k.known[set] = append(k.known[set], keyRow{Set: set, ID: key.KeyID, Sealed: sealed})
	}
	return k
}

func newKey(t *testing.T, kid string, alg jose.SignatureAlgorithm) jose.JSONWebKey {
	t.Helper()
	_, private, err := josex.NewSigningKey(alg, 0)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{KeyID: kid, Algorithm: string(alg), Use: "sig", Key: private}
}

func signerOf(t *testing.T, alg jose.SignatureAlgorithm, keys ...jose.JSONWebKey) *signer {
	t.Helper()
	return &signer{DefaultSigner: &jwt.DefaultSigner{}, ring: ringOf(t, hx.OpenIDConnectKeyName, keys...), set: hx.OpenIDConnectKeyName, alg: alg}
}

func token(t *testing.T, ctx context.Context, s *signer, kid string) (string, error) {
	t.Helper()
	out, _, err := s.Generate(ctx, jwt.MapClaims{"sub": "ada"}, &jwt.Headers{Extra: map[string]any{"kid": kid}})
	return out, err
}

func TestTheNewestKeyForTheAlgorithmSigns(t *testing.T) {
	es, rs, old := newKey(t, "es", jose.ES256), newKey(t, "rs", jose.RS256), newKey(t, "old", jose.RS256)
	sealing := newKey(t, "enc", jose.RS256)
	sealing.Use = "enc"
	keys := []jose.JSONWebKey{sealing, rs.Public(), es, rs, old}
	for alg, want := range map[jose.SignatureAlgorithm]string{"": "es", jose.RS256: "rs", jose.ES256: "es"} {
		if got := choose(keys, alg); got == nil || got.KeyID != want {
			t.Errorf("%q: got %+v, want %s", alg, got, want)
		}
	}
	if got := choose(keys, jose.ES384); got != nil {
		t.Errorf("got %s for an algorithm that no key is for", got.KeyID)
	}
	s := signerOf(t, jose.RS256, keys...)
	raw, err := token(t, t.Context(), s, "the key of the day of the sign-in")
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := s.Decode(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"alg": "RS256", "kid": "rs", "typ": "JWT"}, decoded.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

func TestWhatIsDemandedIsSignedOrRefused(t *testing.T) {
	ctx := demanding(t.Context(), jose.RS256)
	s := signerOf(t, jose.ES256, newKey(t, "es", jose.ES256), newKey(t, "rs", jose.RS256))
	raw, err := token(t, ctx, s, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Decode(ctx, raw); err != nil || got.Header["kid"] != "rs" {
		t.Errorf("got %+v, %v, want the key for RS256", got, err)
	}
	_, err = token(t, ctx, signerOf(t, jose.ES256, newKey(t, "es", jose.ES256)), "")
	if got := fosite.ErrorToRFC6749Error(err); got.StatusCode() != 500 || !strings.Contains(got.HintField, "RS256") {
		t.Errorf("got %v, want an error that names RS256", err)
	}
}

func TestAnyKeyThatIsThereVerifies(t *testing.T) {
	next, old, gone := newKey(t, "next", jose.ES256), newKey(t, "old", jose.RS256), newKey(t, "gone", jose.RS256)
	// An older release names one key and signs with the other.
	misnamed := newKey(t, "old", jose.RS256)
	s := signerOf(t, "", next, old.Public(), misnamed)
	for _, tt := range []struct {
		name string
		by   jose.JSONWebKey
		ok   bool
	}{
		{"the newest", next, true},
		{"an older one of which the public half is left", old, true},
		{"one whose id another one has", misnamed, true},
		{"one that was deleted", gone, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := token(t, t.Context(), signerOf(t, "", tt.by), "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Validate(t.Context(), raw); (err == nil) != tt.ok {
				t.Errorf("got %v, want valid %v", err, tt.ok)
			}
			if _, err := s.Decode(t.Context(), raw[:len(raw)-4]+"AAAA"); !mismatch(err) {
				t.Errorf("got %v for a spoilt signature", err)
			}
		})
	}
	t.Run("a public key is no secret of an HMAC", func(t *testing.T) {
		secret := jose.JSONWebKey{KeyID: "old", Algorithm: "HS256", Key: []byte("the text of a public key, which everybody has")}
		raw, err := token(t, t.Context(), signerOf(t, "", secret), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signerOf(t, "", secret, next).Decode(t.Context(), raw); !mismatch(err) {
			t.Errorf("got %v for HS256, want no key for it", err)
		}
	})
}

func TestRowsAreForgottenWhenThisProcessChangesThem(t *testing.T) {
	k := ringOf(t, hx.OpenIDConnectKeyName, newKey(t, "a", jose.ES256))
	if rows, err := k.rows(t.Context(), hx.OpenIDConnectKeyName); err != nil || len(rows) != 1 {
		t.Fatalf("got %v, %v", rows, err)
	}
	turn := k.turn
	k.changed()
	if len(k.known) != 0 || k.turn == turn {
		t.Errorf("got %v in turn %d after a change, want nothing in a new turn", k.known, k.turn)
	}
}

func TestWishesOfClients(t *testing.T) {
	for body, want := range map[string]map[string]string{
		`{"client_id":"a"}`: {},
		`{"id_token_signed_response_alg":"ES256","userinfo_signed_response_alg":""}`: {wishID: "ES256"},
		`[{"op":"add","path":"/userinfo_signed_response_alg","value":"RS256"}]`:      {wishUserinfo: "RS256"},
		`[{"op":"remove","path":"/userinfo_signed_response_alg"}]`:                   {},
		`{"id_token_signed_response_alg":7}`:                                         {},
		`no JSON`:                                                                    {},
	} {
		if diff := cmp.Diff(want, wishes([]byte(body))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}
