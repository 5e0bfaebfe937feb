package hydra

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v3"
	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/jwk"
	hx "github.com/ory/hydra/v2/x"

	"example.com/identityd/internal/ory"
)

// The public documents (hydra: jwk/handler.go, oauth2/handler.go).
const (
	pathKeys      = jwk.WellKnownKeysPath
	pathDiscovery = "/.well-known/openid-configuration"
	// PathServer is that of RFC 8414, which upstream has not (docs/ory-quirks.md#q186).
	PathServer = "/.well-known/oauth-authorization-server"
)

// documents answers for the public documents. Which keys there are is read each time; while they are the same,
// so are the bytes (docs/ory-quirks.md#q123).
type documents struct {
	engine *Engine
	next   http.Handler
	keys   atomic.Pointer[document]
	found  atomic.Pointer[document]
	server atomic.Pointer[document]
}

// document is a rendered one, with all of the rows that it was made from.
type document struct {
	rows []keyRow
	body []byte
	tag  string
	// of is the document that this one was made of, if it was.
	of *document
}

func render(rows []keyRow, body []byte) *document {
	sum := sha256.Sum256(body)
	// Weak, so that whoever compresses may keep it.
	return &document{rows: rows, body: body, tag: `W/"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`}
}

// documents stands in front of upstream's router, which answers where there is no key yet.
func (e *Engine) documents(next http.Handler) http.Handler {
	if e.registry.signing == nil {
		return next
	}
	d := &documents{engine: e, next: next}
	keys, discovery, server := d.answer(d.keySet), d.answer(d.discovery), d.answer(d.serverMetadata)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		read := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case read && r.URL.Path == pathKeys:
			keys.ServeHTTP(w, r)
		case read && r.URL.Path == pathDiscovery:
			discovery.ServeHTTP(w, r)
		case read && r.URL.Path == PathServer:
			server.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// errNoKeys leaves an answer to upstream, which makes the keys.
var errNoKeys = errors.New("no keys yet")

func (d *documents) answer(find func(*http.Request) (*document, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		doc, err := find(r)
		switch {
		case errors.Is(err, errNoKeys):
			d.next.ServeHTTP(w, r)
			return
		case err != nil:
			d.engine.registry.Writer().WriteError(w, r, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/json; charset=utf-8")
		// May be kept, and is asked for again each time: a key that was removed is gone at once.
		h.Set("Cache-Control", "public, no-cache")
		h.Set("ETag", doc.tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(doc.body))
	})
}

// keySet is what tokens are verified with.
func (d *documents) keySet(r *http.Request) (*document, error) {
	ctx, ring := r.Context(), d.engine.registry.signing.ring
	sets := d.engine.registry.Config().WellKnownKeys(ctx)
	all, err := ring.rows(ctx, sets...)
	if err != nil {
		return nil, err
	}
	for _, set := range sets {
		if !slices.ContainsFunc(all, func(row keyRow) bool { return row.Set == set }) {
			return nil, errNoKeys
		}
	}
	if last := d.keys.Load(); last != nil && slices.Equal(last.rows, all) {
		return last, nil
	}
	keys, err := ring.openAll(ctx, all)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(jwk.ExcludePrivateKeys(&jose.JSONWebKeySet{Keys: keys}))
	if err != nil {
		return nil, fmt.Errorf("rendering the public keys: %w", err)
	}
	doc := render(all, append(body, '\n'))
	d.keys.Store(doc)
	return doc, nil
}

// discovery is upstream's document with the algorithms that are true.
func (d *documents) discovery(r *http.Request) (*document, error) {
	ctx, s := r.Context(), d.engine.registry.signing
	rows, err := s.ring.rows(ctx, hx.OpenIDConnectKeyName)
	if err != nil {
		return nil, err
	}
	if last := d.found.Load(); last != nil && slices.Equal(last.rows, rows) {
		return last, nil
	}
	keys, err := s.ring.openAll(ctx, rows)
	if err != nil {
		return nil, err
	}
	key := choose(keys, s.id.alg)
	if key == nil {
		return nil, errNoKeys
	}
	out, err := d.upstream(ctx)
	if err != nil {
		return nil, err
	}
	// The key that signs comes first. Tokens of the others are out there for as long as the keys are.
	algs, userinfo := []string{key.Algorithm}, []string{"none"}
	for _, k := range keys {
		if choose([]jose.JSONWebKey{k}, "") != nil && !slices.Contains(algs, k.Algorithm) {
			algs = append(algs, k.Algorithm)
		}
	}
	if choose(keys, jose.RS256) != nil {
		userinfo = append(userinfo, string(jose.RS256))
	}
	out["code_challenge_methods_supported"] = []string{"S256"}  // upstream says plain too, and refuses it (docs/ory-quirks.md#q187)
	if grants, ok := out["grant_types_supported"].([]any); ok { // upstream serves one that it does not name (docs/ory-quirks.md#q235)
		out["grant_types_supported"] = append(grants, string(fosite.GrantTypeJWTBearer))
	}
	out[wordIssuer] = true
	out["token_endpoint_auth_signing_alg_values_supported"] = assertionAlgs()
	out["id_token_signing_alg_values_supported"] = algs
	out["id_token_signed_response_alg"] = algs[:1]
	out["userinfo_signing_alg_values_supported"] = userinfo
	out["userinfo_signed_response_alg"] = userinfo[len(userinfo)-1:]
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("rendering the discovery document: %w", err)
	}
	doc := render(rows, append(body, '\n'))
	d.found.Store(doc)
	return doc, nil
}

// upstream asks upstream for its document. It depends on the configuration alone, which changes with a
// restart.
func (d *documents) upstream(ctx context.Context) (map[string]any, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, pathDiscovery, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("asking for the discovery document: %w", err)
	}
	w := ory.NewBuffer()
	d.next.ServeHTTP(w, r)
	var out map[string]any
	if err := json.Unmarshal(w.Bytes(), &out); err != nil || w.Status() != http.StatusOK {
		return nil, fmt.Errorf("asking for the discovery document: got %d", w.Status())
	}
	return out, nil
}
