package hydra

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/go-jose/go-jose/v3"
	"github.com/gofrs/uuid"
	"github.com/ory/fosite"
	"github.com/ory/fosite/token/jwt"
	"github.com/ory/hydra/v2/jwk"
	"github.com/ory/x/josex"
)

// signer signs and verifies with the keys of one set. Upstream's knows the newest key only: a token that
// an older one signed fails where it is introspected or given as a hint, and one that is refreshed names
// the key of the day of its sign-in (docs/ory-quirks.md#q120).
type signer struct {
	// DefaultSigner has what needs no key.
	*jwt.DefaultSigner
	ring *keyring
	set  string
	// alg is what it signs with; empty is what the newest key is for, and RS256 where there is none.
	alg jose.SignatureAlgorithm

	making sync.Mutex
	seen   atomic.Pointer[string]
}

var _ jwk.JWTSigner = (*signer)(nil)

// demandKey marks requests whose answer is signed with another algorithm than all else.
type demandKey struct{}

// demanding wants what is signed below ctx to be signed with alg.
func demanding(ctx context.Context, alg jose.SignatureAlgorithm) context.Context {
	return context.WithValue(ctx, demandKey{}, alg)
}

// choose returns the newest key that can sign with alg, with any if it is empty, or nil.
func choose(keys []jose.JSONWebKey, alg jose.SignatureAlgorithm) *jose.JSONWebKey {
	for i := range keys {
		k := &keys[i]
		if !k.IsPublic() && forSignatures(k) && k.Algorithm != "" && (alg == "" || k.Algorithm == string(alg)) {
			return k
		}
	}
	return nil
}

func forSignatures(k *jose.JSONWebKey) bool { return k.Use == "" || k.Use == "sig" }

// active returns the key that signs, and makes it if there is none.
func (s *signer) active(ctx context.Context) (*jose.JSONWebKey, error) {
	alg, demanded := ctx.Value(demandKey{}).(jose.SignatureAlgorithm)
	if !demanded {
		alg = s.alg
	}
	keys, err := s.ring.keys(ctx, s.set)
	if err != nil {
		return nil, s.explain(err)
	}
	key := choose(keys, alg)
	switch {
	case key != nil:
		if last := s.seen.Load(); !demanded && (last == nil || *last != key.KeyID) {
			s.seen.Store(&key.KeyID)
		}
		return key, nil
	case demanded:
		return nil, fosite.ErrServerError.WithHintf("There is no key for %s here. Register the client without a wish for it.", alg)
	}
	return s.make(ctx, alg)
}

// make makes the key that signs. Processes do it at their start, under the lease; later only where somebody
// removed all keys, and then two processes make one each.
func (s *signer) make(ctx context.Context, alg jose.SignatureAlgorithm) (*jose.JSONWebKey, error) {
	s.making.Lock()
	defer s.making.Unlock()
	keys, err := s.ring.keys(ctx, s.set)
	if err != nil {
		return nil, s.explain(err)
	}
	if key := choose(keys, alg); key != nil {
		return key, nil
	}
	if alg == "" {
		alg = jose.RS256
	}
	made, err := s.ring.GenerateAndPersistKeySet(ctx, s.set, uuid.Must(uuid.NewV4()).String(), string(alg), "sig")
	if err != nil {
		return nil, s.explain(err)
	}
	return choose(made.Keys, alg), nil
}

func (s *signer) explain(err error) error {
	return fosite.ErrServerError.WithWrap(fmt.Errorf("using the signing keys %s: %w", s.set, err)).
		WithHintf("The signing keys %s could not be used. If it stays so, a secret is missing from secrets.system that they were sealed with.", s.set)
}

// GetPublicKeyID implements jwk.JWTSigner. Callers put it into a header, which Generate corrects, so that
// the last one will do and nothing is read.
func (s *signer) GetPublicKeyID(ctx context.Context) (string, error) {
	if last := s.seen.Load(); last != nil {
		return *last, nil
	}
	key, err := s.active(ctx)
	if err != nil {
		return "", err
	}
	return key.KeyID, nil
}

// GetPublicKey implements jwk.JWTSigner.
func (s *signer) GetPublicKey(ctx context.Context) (jose.JSONWebKey, error) {
	key, err := s.active(ctx)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	return josex.ToPublicKey(key), nil
}

// Generate implements jwt.Signer. The header names the key that signed.
func (s *signer) Generate(ctx context.Context, claims jwt.MapClaims, header jwt.Mapper) (token, signature string, err error) {
	key, err := s.active(ctx)
	if err != nil {
		return "", "", err
	}
	with := &jwt.DefaultSigner{GetPrivateKey: func(context.Context) (any, error) { return key, nil }}
	if header != nil {
		header = headed{header, key.KeyID}
	}
	return with.Generate(ctx, claims, header)
}

// headed is a header with the id of the key that signs.
type headed struct {
	jwt.Mapper
	kid string
}

// ToMap implements jwt.Mapper.
func (n headed) ToMap() map[string]any {
	m := maps.Clone(n.Mapper.ToMap())
	if m == nil {
		m = map[string]any{}
	}
	m["kid"] = n.kid
	return m
}

// Validate implements jwt.Signer.
func (s *signer) Validate(ctx context.Context, token string) (string, error) {
	if _, err := s.Decode(ctx, token); err != nil {
		return "", err
	}
	return s.GetSignature(ctx, token)
}

// Decode implements jwt.Signer: any key of the set will do that is there now and for the token's algorithm,
// first the one that it names.
func (s *signer) Decode(ctx context.Context, token string) (*jwt.Token, error) {
	keys, err := s.ring.keys(ctx, s.set)
	if err != nil {
		return nil, s.explain(err)
	}
	var left []any
	with := func(t *jwt.Token) (any, error) {
		if left = verifiers(keys, t); len(left) == 0 {
			return nil, &jwt.ValidationError{Errors: jwt.ValidationErrorSignatureInvalid, Inner: errors.New("no key for it")}
		}
		return left[0], nil
	}
	t, err := jwt.ParseWithClaims(token, jwt.MapClaims{}, with)
	for len(left) > 1 && mismatch(err) {
		left = left[1:]
		t, err = jwt.ParseWithClaims(token, jwt.MapClaims{}, func(*jwt.Token) (any, error) { return left[0], nil })
	}
	return t, err
}

func mismatch(err error) bool {
	var v *jwt.ValidationError
	return errors.As(err, &v) && v.Has(jwt.ValidationErrorSignatureInvalid)
}

// verifiers are the public keys that may have signed a token, the one that it names first. A key is for
// one algorithm (RFC 8725 section 3.1).
func verifiers(keys []jose.JSONWebKey, t *jwt.Token) []any {
	var named, others []any
	for i := range keys {
		k := &keys[i]
		if !forSignatures(k) || k.Algorithm != string(t.Method) {
			continue
		}
		switch public := k.Public().Key.(type) {
		case *rsa.PublicKey, *ecdsa.PublicKey:
			if k.KeyID == t.Header["kid"] {
				named = append(named, public)
			} else {
				others = append(others, public)
			}
		}
	}
	return append(named, others...)
}
