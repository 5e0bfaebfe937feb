package declare_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/declare"
)

func TestClientsAreKeptAsTheFileSays(t *testing.T) {
	t.Run("one that is missing is made with the mark, and then nothing has to be done", func(t *testing.T) {
		w := newWorld()
		if diff := cmp.Diff([]string{"create app"}, w.settled(t, client(app()))); diff != "" {
			t.Error(diff)
		}
		again := app()
		again.RedirectURIs = []string{"https://b.example/cb", "https://a.example/cb"}
		again.Contacts = []string{}
		if calls := w.settled(t, client(again)); len(calls) > 0 {
			t.Errorf("got %v", calls)
		}
		if got := w.clients.held["ref-1"].Mark.Owner; got != "stack.yaml" || w.clients.secrets["app"] != "the-secret" {
			t.Errorf("got owner %q, secret %q", got, w.clients.secrets["app"])
		}
	})
	t.Run("a secret is sent when it is another one, and not with other changes", func(t *testing.T) {
		w := newWorld()
		w.settled(t, client(app()))
		c := app()
		c.Name = "Another"
		if diff := cmp.Diff([]string{"update app"}, w.settled(t, client(c))); diff != "" {
			t.Error(diff)
		}
		c.Secret = "another-secret"
		if diff := cmp.Diff([]string{"update with secret app"}, w.settled(t, client(c))); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("one that left the file is removed, and one that somebody else made stays", func(t *testing.T) {
		w := newWorld()
		w.settled(t, public("a", "b", "c")...)
		w.clients.held["hand"] = declare.Held{Kind: declare.KindClient, Name: "hand", Ref: "hand"}
		if diff := cmp.Diff([]string{"delete b"}, w.settled(t, public("a", "c")...)); diff != "" {
			t.Error(diff)
		}
		if _, ok := w.clients.held["hand"]; !ok {
			t.Error("what somebody else made is gone")
		}
	})
	t.Run("one that somebody else made is refused with the cures, and taken over when that is asked", func(t *testing.T) {
		w := newWorld()
		w.clients.held["hand"] = declare.Held{Kind: declare.KindClient, Name: "app", Ref: "hand"}
		calls, _, err := w.run(t, declare.How{}, append(public("b"), client(app()))...)
		want := `OAuth2 client "app": it exists already and was not made by this file, so it is left as it is; ` +
			`give the client in the file another id, delete the existing one, or take it over: identityd apply --adopt`
		if fmt.Sprint(err) != want || !cmp.Equal(calls, []string{"create b"}) {
			t.Errorf("got %v after %v, want %s", err, calls, want)
		}
		calls, _, err = w.run(t, declare.How{Asked: true, Adopt: true}, append(public("b"), client(app()))...)
		if err != nil || !cmp.Equal(calls, []string{"update with secret app"}) {
			t.Errorf("got %v after %v", err, calls)
		}
		if calls := w.settled(t, append(public("b"), client(app()))...); len(calls) > 0 {
			t.Errorf("got %v", calls)
		}
	})
	t.Run("two files of other names do not touch what the other one made", func(t *testing.T) {
		w := newWorld()
		w.settled(t, public("a", "b")...)
		w.reconciler.Owner = "other.yaml"
		if diff := cmp.Diff([]string{"create c"}, w.settled(t, public("c")...)); diff != "" {
			t.Error(diff)
		}
		_, _, err := w.run(t, declare.How{}, public("a", "c")...)
		if !strings.Contains(fmt.Sprint(err), `belongs to "stack.yaml"`) {
			t.Errorf("got %v", err)
		}
		calls, kept, err := w.run(t, declare.How{Asked: true}, public("c")...)
		if err != nil || len(calls)+len(kept) > 0 {
			t.Errorf("asked: got %v, %v, kept %v", err, calls, kept)
		}
	})
	t.Run("one that left the file and was made anew by somebody else stays", func(t *testing.T) {
		w := newWorld()
		w.settled(t, public("a", "b", "c")...)
		for ref, h := range w.clients.held {
			if h.Name == "b" {
				delete(w.clients.held, ref)
			}
		}
		w.clients.held["hand"] = declare.Held{Kind: declare.KindClient, Name: "b", Ref: "hand"}
		calls, kept, err := w.run(t, declare.How{Asked: true}, public("a", "c")...)
		if err != nil || len(calls)+len(kept) > 0 {
			t.Errorf("got %v, %v, kept %v", err, calls, kept)
		}
	})
	t.Run("the only one may get another name", func(t *testing.T) {
		w := newWorld()
		w.settled(t, public("a")...)
		if diff := cmp.Diff([]string{"create b", "delete a"}, w.settled(t, public("b")...)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("one that was made before there was a ledger is known by its mark", func(t *testing.T) {
		w, old := newWorld(), newWorld()
		old.settled(t, client(app()))
		h := old.clients.held["ref-1"]
		h.Ref = "old"
		w.clients.held["old"] = h
		if calls := w.settled(t, client(app())); len(calls) > 0 {
			t.Errorf("got %v", calls)
		}
		if diff := cmp.Diff([]string{"delete app"}, func() []string {
			w.settled(t, append(public("b", "c"), client(app()))...)
			return w.settled(t, public("b", "c")...)
		}()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestATruncatedFileRemovesNothing(t *testing.T) {
	all := []string{"a", "b", "c", "d", "e"}
	tests := map[string]struct {
		left []string
		want []string
		held int
	}{
		"one of them goes":             {all[:4], []string{"delete e"}, 0},
		"half of them go":              {all[:3], []string{"delete d", "delete e"}, 0},
		"most of them stay until then": {all[:2], nil, 3},
		"all of them stay until then":  {nil, nil, 5},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.settled(t, public(all...)...)
			calls, kept, err := w.run(t, declare.How{}, public(tt.left...)...)
			if err != nil || !cmp.Equal(calls, tt.want) || len(kept) != tt.held {
				t.Fatalf("got %v, %v, kept %v", err, calls, kept)
			}
			calls, _, err = w.run(t, declare.How{Asked: true}, public(tt.left...)...)
			if err != nil || len(calls) != tt.held {
				t.Errorf("asked: got %v, %v", err, calls)
			}
		})
	}
}

func TestAChangeByHandIsDrift(t *testing.T) {
	w := newWorld()
	w.settled(t, client(app()), person(ada()))
	w.clients.byHand("app", func(h *declare.Held) { h.Values = declare.Client{ID: "app", Name: "By hand"}.Values() })
	calls, kept, err := w.run(t, declare.How{}, client(app()), person(ada()))
	if err != nil || len(calls) > 0 || len(kept) != 1 || !kept[0].Drift || kept[0].HeldBack {
		t.Fatalf("a start: got %v, %v, kept %v", err, calls, kept)
	}
	if got := words(kept[0].Changes); got != "name redirect_uris scope" {
		t.Errorf("got changes of %s", got)
	}
	for name, how := range map[string]declare.How{"asked": {Asked: true}, "repair": {Repair: true}} {
		calls, kept, err := w.run(t, how, client(app()), person(ada()))
		if err != nil || len(kept) > 0 || !cmp.Equal(calls, []string{"update with secret app"}) {
			t.Errorf("%s: got %v, %v, kept %v", name, err, calls, kept)
		}
		w.clients.byHand("app", func(h *declare.Held) { h.Mark = declare.Mark{} }) // even without the mark
	}
	t.Run("one that was removed by hand is made anew when that is asked", func(t *testing.T) {
		clear(w.clients.held)
		calls, kept, err := w.run(t, declare.How{}, client(app()), person(ada()))
		if err != nil || len(calls) > 0 || len(kept) != 1 {
			t.Errorf("got %v, %v, kept %v", err, calls, kept)
		}
		calls, _, err = w.run(t, declare.How{Asked: true}, client(app()), person(ada()))
		if err != nil || !cmp.Equal(calls, []string{"create app"}) {
			t.Errorf("got %v, %v", err, calls)
		}
	})
}

func TestPeopleOfTheFile(t *testing.T) {
	others := []declare.Want{person(declare.Identity{Key: "b"}), person(declare.Identity{Key: "c"})}
	w := newWorld()
	w.settled(t, append(others, person(ada()))...)
	t.Run("another first password changes nothing", func(t *testing.T) {
		later := ada()
		later.Password = "another-password"
		if calls := w.settled(t, append(others, person(later))...); len(calls) > 0 {
			t.Errorf("got %v", calls)
		}
	})
	t.Run("another hash is set", func(t *testing.T) {
		later := ada()
		later.Password, later.PasswordHash = "", "$2b$x"
		if diff := cmp.Diff([]string{"update with secret ada"}, w.settled(t, append(others, person(later))...)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("who leaves is deactivated once, and comes back", func(t *testing.T) {
		if diff := cmp.Diff([]string{"deactivate ada"}, w.settled(t, others...)); diff != "" {
			t.Error(diff)
		}
		if calls := w.settled(t, others...); len(calls) > 0 {
			t.Errorf("got %v", calls)
		}
		if diff := cmp.Diff([]string{"update ada"}, w.settled(t, append(others, person(ada()))...)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("who left is deleted when that is asked, also later", func(t *testing.T) {
		w.settled(t, others...)
		calls, _, err := w.run(t, declare.How{Asked: true, DeleteIdentities: true}, others...)
		if err != nil || !cmp.Equal(calls, []string{"delete ada"}) {
			t.Errorf("got %v, %v", err, calls)
		}
	})
	t.Run("an address that somebody has already ends no start, and is taken over when that is asked", func(t *testing.T) {
		w := newWorld()
		w.people.held["hers"] = declare.Held{Kind: declare.KindIdentity, Name: "?", Ref: "hers", Values: ada().Values()}
		calls, kept, err := w.run(t, declare.How{}, append(others, person(ada()))...)
		if err != nil || len(calls) != 2 || len(kept) != 1 || kept[0].Do != declare.Refuse {
			t.Errorf("got %v, %v, kept %v", err, calls, kept)
		}
		if _, _, err := w.run(t, declare.How{Asked: true}, append(others, person(ada()))...); err == nil {
			t.Error("asked, without --adopt: no error")
		}
		calls, _, err = w.run(t, declare.How{Asked: true, Adopt: true}, append(others, person(ada()))...)
		if err != nil || !cmp.Equal(calls, []string{"update ada"}) {
			t.Errorf("got %v, %v", err, calls)
		}
	})
	t.Run("a name that another file has is refused, so that its own is deactivated when she leaves that one", func(t *testing.T) {
		w := newWorld()
		w.settled(t, append(others, person(ada()))...)
		other := ada()
		other.Traits = map[string]any{"email": "other@example.com"}
		w.reconciler.Owner = "other.yaml"
		_, _, err := w.run(t, declare.How{Asked: true}, person(other))
		if !strings.Contains(fmt.Sprint(err), "give it another key in this file") {
			t.Errorf("asked: got %v", err)
		}
		_, kept, err := w.run(t, declare.How{}, person(other))
		if err != nil || len(kept) != 1 || kept[0].Do != declare.Refuse || kept[0].Reason != `another file, "stack.yaml", has somebody under this name` {
			t.Errorf("got %v, kept %v", err, kept)
		}
		w.reconciler.Owner = "stack.yaml"
		if diff := cmp.Diff([]string{"deactivate ada"}, w.settled(t, others...)); diff != "" {
			t.Error(diff)
		}
		w.reconciler.Owner = "other.yaml"
		if diff := cmp.Diff([]string{"create ada"}, w.settled(t, person(other))); diff != "" {
			t.Errorf("once she left: %s", diff)
		}
	})
	t.Run("what is personal is in no plan", func(t *testing.T) {
		changed := ada()
		changed.Traits = map[string]any{"email": "lovelace@example.com"}
		w := newWorld()
		w.settled(t, person(ada()))
		plan, err := w.reconciler.Plan(t.Context(), []declare.Want{person(changed)}, declare.How{})
		if err != nil || len(plan.Actions) != 1 {
			t.Fatalf("got %v, %v", plan, err)
		}
		if diff := cmp.Diff([]declare.Change{{Word: "traits.email"}}, plan.Actions[0].Changes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSomebodyElseIsQuicker(t *testing.T) {
	t.Run("one who made the same is agreed with", func(t *testing.T) {
		first, w := newWorld(), newWorld()
		first.settled(t, client(app()))
		w.clients.before = func(do, _ string) error {
			w.clients.held["ref-1"] = first.clients.held["ref-1"]
			return declare.ErrExists
		}
		if diff := cmp.Diff([]string{"create app"}, w.settled(t, client(app()))); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("one who made another thing is left alone", func(t *testing.T) {
		w := newWorld()
		w.clients.before = func(string, string) error {
			w.clients.held["hand"] = declare.Held{Kind: declare.KindClient, Name: "app", Ref: "hand"}
			return declare.ErrExists
		}
		if _, _, err := w.run(t, declare.How{}, client(app())); !strings.Contains(fmt.Sprint(err), "was not made by this file") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a name that is never free is given up after three attempts", func(t *testing.T) {
		w := newWorld()
		w.clients.before = func(string, string) error { return declare.ErrExists }
		calls, _, err := w.run(t, declare.How{}, client(app()))
		if !errors.Is(err, declare.ErrExists) || len(calls) != 3 {
			t.Errorf("got %v after %v", err, calls)
		}
	})
	t.Run("one failure does not keep the others from being made", func(t *testing.T) {
		w := newWorld()
		w.clients.before = func(_, name string) error {
			if name == "b" {
				return errors.New("hydra answered 400: no")
			}
			return nil
		}
		calls, _, err := w.run(t, declare.How{}, public("a", "b", "c")...)
		if fmt.Sprint(err) != `OAuth2 client "b": creating: hydra answered 400: no` || len(calls) != 3 {
			t.Errorf("got %v after %v", err, calls)
		}
	})
}
