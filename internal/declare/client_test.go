package declare_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"example.com/identityd/internal/declare"
)

// checkFields fails for a field of Client that changes does not know.
func checkFields(t *testing.T, changes map[string]func(*declare.Client)) {
	t.Helper()
	for _, field := range reflect.VisibleFields(reflect.TypeFor[declare.Client]()) {
		if _, ok := changes[field.Name]; !ok && field.Name != "ID" {
			t.Errorf("field %s is not tried", field.Name)
		}
	}
}

func TestApplyRefusesBeforeItWrites(t *testing.T) {
	fine := declare.Client{ID: "fine", AuthMethod: "none"}
	const badID = "the id must be 1 to 128 letters, digits or . _ - ~ @, and begin with a letter or digit"
	tests := map[string]struct {
		clients []declare.Client
		want    string
	}{
		"no id": {
			[]declare.Client{{Name: "App", Secret: "s"}}, "an OAuth2 client has no id; every client needs one",
		},
		"an id that is no segment of a path": {
			[]declare.Client{{ID: "a/b", AuthMethod: "none"}}, `OAuth2 client "a/b": ` + badID,
		},
		"an id that would be cleaned away": {
			[]declare.Client{{ID: "..", AuthMethod: "none"}}, `OAuth2 client "..": ` + badID,
		},
		"an id with a colon": {
			[]declare.Client{{ID: "a:b", Secret: "s"}}, `OAuth2 client "a:b": ` + badID,
		},
		"an id that is too long": {
			[]declare.Client{{ID: strings.Repeat("a", 129), AuthMethod: "none"}},
			`OAuth2 client "` + strings.Repeat("a", 128) + `": ` + badID,
		},
		"a secret that is missing": {
			[]declare.Client{{ID: "app"}},
			`OAuth2 client "app": it authenticates by a secret and has none; give it one, or the authentication method none`,
		},
		"a secret that nothing uses": {
			[]declare.Client{{ID: "app", Secret: "the-secret", AuthMethod: "none"}},
			`OAuth2 client "app": it has a secret that the authentication method none does not use; ` +
				"remove the secret, or choose client_secret_basic",
		},
		"an id given twice, and another fault": {
			[]declare.Client{{ID: "app", AuthMethod: "none"}, {ID: "app", AuthMethod: "none"}, {}},
			`OAuth2 client "app": declared twice; every one needs a name of its own` + "\n" +
				"an OAuth2 client has no id; every client needs one",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			calls, _, err := w.run(t, declare.How{}, declare.Wants(append([]declare.Client{fine}, tt.clients...), nil)...)
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if calls != nil {
				t.Errorf("the server was called: %v", calls)
			}
		})
	}
	t.Run("a key that is too short", func(t *testing.T) {
		w := newWorld()
		w.reconciler.Keys = [][]byte{key('k')[:31]}
		calls, _, err := w.run(t, declare.How{}, client(fine))
		const want = "declaring: the key has 31 bytes, want at least 32"
		if got := fmt.Sprint(err); got != want || calls != nil {
			t.Errorf("got %s after %v, want %s", got, calls, want)
		}
	})
}

func TestClientNeverPrintsItsSecret(t *testing.T) {
	var out bytes.Buffer
	c := app()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&out, verb+" ", c)
		fmt.Fprintf(&out, verb+" ", &c)
		fmt.Fprintf(&out, verb+" ", []declare.Client{c})
	}
	logger(&out).Info("x", "client", c, "clients", []declare.Client{c})
	got := out.String()
	if strings.Contains(got, "the-secret") || strings.Contains(got, fmt.Sprintf("%x", "the-secret")) {
		t.Errorf("got %s", got)
	}
	if !strings.Contains(got, "client=app ") {
		t.Errorf("the log does not say which client: %s", got)
	}
}
