package declare_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/identityd/internal/declare"
)

// fake is a server of one kind that keeps things in memory, and what it was asked to change.
type fake struct {
	mu    sync.Mutex
	kind  declare.Kind
	held  map[string]declare.Held // by ref
	made  int
	calls []string
	// secrets are those that were sent, by name.
	secrets map[string]string
	// before is called ahead of each change; an error is the answer.
	before func(do, name string) error
}

func newFake(kind declare.Kind) *fake {
	return &fake{kind: kind, held: map[string]declare.Held{}, secrets: map[string]string{}}
}

func (f *fake) Get(_ context.Context, w declare.Want, ref string) (*declare.Held, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.held {
		if f.kind == declare.KindClient && h.Name == w.Name() || f.kind == declare.KindIdentity && h.Ref == ref {
			return &h, nil
		}
	}
	return nil, declare.ErrNotFound
}

func (f *fake) Find(_ context.Context, w declare.Want) (*declare.Held, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.held {
		if w.Identity != nil && h.Values["traits.email"] == w.Identity.Values()["traits.email"] {
			return &h, nil
		}
	}
	return nil, declare.ErrNotFound
}

func (f *fake) Create(_ context.Context, w declare.Want, m declare.Mark) (*declare.Held, error) {
	if err := f.change("create", w.Name()); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.made++
	ref := fmt.Sprintf("ref-%d", f.made)
	f.mu.Unlock()
	return f.put(w, m, ref, true)
}

func (f *fake) Update(_ context.Context, was *declare.Held, w declare.Want, m declare.Mark, secret bool) (*declare.Held, error) {
	do := "update"
	if secret {
		do = "update with secret"
	}
	if err := f.change(do, w.Name()); err != nil {
		return nil, err
	}
	return f.put(w, m, was.Ref, secret)
}

func (f *fake) put(w declare.Want, m declare.Mark, ref string, secret bool) (*declare.Held, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var values declare.Values
	if w.Client != nil {
		values = w.Client.Values()
		if secret {
			f.secrets[w.Name()] = w.Client.Secret
		}
	} else {
		values = w.Identity.Values()
	}
	raw, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	h := declare.Held{Kind: f.kind, Name: w.Name(), Ref: ref, Mark: m, Values: values, Sum: string(raw) + f.secrets[w.Name()]}
	f.held[ref] = h
	return &h, nil
}

func (f *fake) Leave(ctx context.Context, was *declare.Held) (*declare.Held, error) {
	if f.kind == declare.KindClient {
		return nil, f.Delete(ctx, was)
	}
	if err := f.change("deactivate", was.Name); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	h := *was
	h.Values["state"], h.Sum = "inactive", "inactive"
	f.held[was.Ref] = h
	return &h, nil
}

func (f *fake) Delete(_ context.Context, was *declare.Held) error {
	if err := f.change("delete", was.Name); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.held, was.Ref)
	return nil
}

func (f *fake) change(do, name string) error {
	f.mu.Lock()
	f.calls = append(f.calls, do+" "+name)
	before := f.before
	f.mu.Unlock()
	if before == nil {
		return nil
	}
	return before(do, name)
}

// byHand changes what is held, as somebody else would.
func (f *fake) byHand(name string, change func(*declare.Held)) {
	for ref, h := range f.held {
		if h.Name == name {
			change(&h)
			h.Sum += "by hand"
			f.held[ref] = h
		}
	}
}

// world is two servers and a ledger.
type world struct {
	clients, people *fake
	ledger          *declare.Memory
	reconciler      declare.Reconciler
}

func newWorld() *world {
	w := &world{clients: newFake(declare.KindClient), people: newFake(declare.KindIdentity), ledger: &declare.Memory{}}
	w.reconciler = declare.Reconciler{
		Owner: "stack.yaml", Keys: [][]byte{key('k')}, Ledger: w.ledger,
		Registries: map[declare.Kind]declare.Registry{declare.KindClient: w.clients, declare.KindIdentity: w.people},
	}
	return w
}

// run plans and applies, and returns what was changed.
func (w *world) run(t *testing.T, how declare.How, want ...declare.Want) (calls []string, kept []declare.Action, err error) {
	t.Helper()
	w.clients.calls, w.people.calls = nil, nil
	plan, err := w.reconciler.Plan(t.Context(), want, how)
	if err != nil {
		return nil, nil, err
	}
	res, err := w.reconciler.Apply(t.Context(), plan, how)
	calls = append(w.clients.calls, w.people.calls...)
	slices.Sort(calls)
	return calls, res.Kept, err
}

// settled is run that has to work.
func (w *world) settled(t *testing.T, want ...declare.Want) []string {
	t.Helper()
	calls, _, err := w.run(t, declare.How{}, want...)
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

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

func app() declare.Client {
	return declare.Client{
		ID: "app", Name: "App", Secret: "the-secret", RedirectURIs: []string{"https://a.example/cb", "https://b.example/cb"},
		Scopes: []string{"openid", "email"},
	}
}

func client(c declare.Client) declare.Want { return declare.Want{Client: &c} }

func public(ids ...string) []declare.Want {
	var out []declare.Want
	for _, id := range ids {
		out = append(out, client(declare.Client{ID: id, AuthMethod: "none"}))
	}
	return out
}

func ada() declare.Identity {
	return declare.Identity{Key: "ada", Schema: "email@1", State: "active", Traits: map[string]any{"email": "ada@example.com"}, Password: "the-password"}
}

func person(i declare.Identity) declare.Want { return declare.Want{Identity: &i} }

func words(changes []declare.Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, c.Word)
	}
	return strings.Join(out, " ")
}
