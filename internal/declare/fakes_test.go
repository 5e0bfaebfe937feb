package declare_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"regexp"
	"testing"

	"example.com/identityd/internal/declare"
)

// fake is a server whose answers a test can replace. Without replacements it keeps clients in memory.
type fake struct {
	get    func(id string) (*declare.Registered, error)
	create func(c declare.Client, metadata json.RawMessage) error
	update func(was declare.Registered, c declare.Client, metadata json.RawMessage) error

	held   map[string]json.RawMessage // metadata by id
	calls  []string
	secret map[string]string
}

func newFake() *fake {
	return &fake{held: map[string]json.RawMessage{}, secret: map[string]string{}}
}

func (f *fake) Get(_ context.Context, id string) (*declare.Registered, error) {
	f.calls = append(f.calls, "get "+id)
	if f.get != nil {
		return f.get(id)
	}
	metadata, ok := f.held[id]
	if !ok {
		return nil, declare.ErrNotFound
	}
	return &declare.Registered{ID: id, Metadata: metadata}, nil
}

func (f *fake) Create(_ context.Context, c declare.Client, metadata json.RawMessage) error {
	f.calls = append(f.calls, "create "+c.ID)
	if f.create != nil {
		return f.create(c, metadata)
	}
	f.held[c.ID], f.secret[c.ID] = metadata, c.Secret
	return nil
}

func (f *fake) Update(_ context.Context, was declare.Registered, c declare.Client, metadata json.RawMessage) error {
	f.calls = append(f.calls, "update "+c.ID)
	if f.update != nil {
		return f.update(was, c, metadata)
	}
	f.held[c.ID], f.secret[c.ID] = metadata, c.Secret
	return nil
}

func key() []byte { return bytes.Repeat([]byte("k"), 32) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// logger writes lines without their time.
func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// apply applies and returns the calls it took.
func apply(t *testing.T, f *fake, want ...declare.Client) []string {
	t.Helper()
	f.calls = nil
	if err := declare.Apply(t.Context(), quiet(), f, want, key()); err != nil {
		t.Fatal(err)
	}
	return f.calls
}

// withoutDigests replaces what differs from key to key.
func withoutDigests(raw json.RawMessage) string {
	return regexp.MustCompile(`"[0-9a-f]{64}"`).ReplaceAllString(string(raw), `"<digest>"`)
}

func app() declare.Client {
	return declare.Client{
		ID: "app", Name: "App", Secret: "the-secret", RedirectURIs: []string{"https://a.example/cb", "https://b.example/cb"},
		Scopes: []string{"openid", "email"},
	}
}
