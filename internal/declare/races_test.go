package declare_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/declare"
)

func TestReplicas(t *testing.T) {
	t.Run("one that created the same client first is agreed with", func(t *testing.T) {
		first, f := newFake(), newFake()
		apply(t, first, app())
		f.create = func(declare.Client, json.RawMessage) error {
			f.held["app"] = first.held["app"]
			return declare.ErrExists
		}
		if diff := cmp.Diff([]string{"get app", "create app", "get app"}, apply(t, f, app())); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("one that created it from other words is overwritten", func(t *testing.T) {
		first, f := newFake(), newFake()
		old := app()
		old.Name = "Old"
		apply(t, first, old)
		f.create = func(declare.Client, json.RawMessage) error {
			f.held["app"] = first.held["app"]
			return declare.ErrExists
		}
		want := []string{"get app", "create app", "get app", "update app"}
		if diff := cmp.Diff(want, apply(t, f, app())); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("somebody else who created it meanwhile is left alone", func(t *testing.T) {
		f := newFake()
		f.create = func(declare.Client, json.RawMessage) error {
			f.held["app"] = json.RawMessage(`{}`)
			return declare.ErrExists
		}
		err := declare.Apply(t.Context(), quiet(), f, []declare.Client{app()}, key())
		if err == nil {
			t.Error("no error")
		}
		if diff := cmp.Diff([]string{"get app", "create app", "get app"}, f.calls); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a client deleted before its update is created", func(t *testing.T) {
		f := newFake()
		apply(t, f, app())
		f.update = func(declare.Registered, declare.Client, json.RawMessage) error {
			delete(f.held, "app")
			return declare.ErrNotFound
		}
		changed := app()
		changed.Name = "Another"
		want := []string{"get app", "update app", "get app", "create app"}
		if diff := cmp.Diff(want, apply(t, f, changed)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a client that never holds still is given up after three attempts", func(t *testing.T) {
		f := newFake()
		f.create = func(declare.Client, json.RawMessage) error { return declare.ErrExists }
		err := declare.Apply(t.Context(), quiet(), f, []declare.Client{app()}, key())
		want := `OAuth2 client "app": creating: an OAuth2 client with this id exists`
		if got := fmt.Sprint(err); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if len(f.calls) != 6 {
			t.Errorf("got %v", f.calls)
		}
	})
}
