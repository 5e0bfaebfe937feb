package store_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/store"
)

// holders are the shapes in which a DSN reaches a message.
func holders(d store.DSN) map[string]any {
	return map[string]any{
		"the value": d, "a pointer": &d, "a slice": []store.DSN{d}, "a map": map[string]store.DSN{"db": d},
		"an exported field": struct{ DSN store.DSN }{d}, "an unexported field": struct{ dsn store.DSN }{d},
		"an embedded pointer": struct{ *store.DSN }{&d},
	}
}

// printed returns everything that prints d.
func printed(t testing.TB, d store.DSN) map[string]string {
	t.Helper()
	out := map[string]string{}
	for shape, v := range holders(d) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			out[shape+" by "+verb] = fmt.Sprintf(verb, v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s by json: %v", shape, err)
		}
		out[shape+" by json"] = string(text)
		for name, h := range map[string]func(*strings.Builder) slog.Handler{
			"slog text": func(b *strings.Builder) slog.Handler { return slog.NewTextHandler(b, nil) },
			"slog json": func(b *strings.Builder) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b strings.Builder
			slog.New(h(&b)).Info("a line", "database", v)
			out[shape+" by "+name] = b.String()
		}
	}
	return out
}

// leaks reports whether text holds the secret, in any of the ways that fmt and url write it.
func leaks(text, secret string) bool {
	for _, s := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), fmt.Sprintf("%x", secret), fmt.Sprintf("%d", []byte(secret)),
	} {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}

func TestNothingPrintsThePassword(t *testing.T) {
	const secret = "sesame-1"
	tests := []struct{ name, url string }{
		{"a password of PostgreSQL", "postgres://me:" + secret + "@db/"},
		{"a password of CockroachDB", "cockroach://me:" + secret + "@db/"},
		{"a password among the parameters", "postgres://me@db/?sslpassword=" + secret + "&password=" + secret},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, _, err := store.Resolve(store.Settings{URL: tt.url})
			if err != nil {
				t.Fatal(err)
			}
			if !leaks(d.Reveal(), secret) {
				t.Fatalf("Reveal does not hold the password: %s", d)
			}
			for how, text := range printed(t, d) {
				if leaks(text, secret) {
					t.Errorf("%s: %s", how, text)
				}
				if strings.Contains(text, "PANIC") {
					t.Errorf("%s panics: %s", how, text)
				}
			}
			if got := fmt.Sprint(d); !strings.Contains(got, "@db/hydra") {
				t.Errorf("got %q, want the place to be named", got)
			}
		})
	}
}

func TestTheZeroDSNPrintsNothing(t *testing.T) {
	for how, text := range printed(t, store.DSN{}) {
		if strings.Contains(text, "PANIC") {
			t.Errorf("%s panics: %s", how, text)
		}
	}
	if got := (store.DSN{}).String() + (store.DSN{}).Reveal() + (store.DSN{}).File(); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestOpenErrorsHoldNoPassword(t *testing.T) {
	const secret = "sesame-1"
	for _, bad := range []string{
		"postgres://me:" + secret + "@db/?sslmode=perhaps&password=" + secret,
		"postgres://me:" + secret + "@db/?connect_timeout=soon&sslpassword=" + secret,
		"cockroach://me:" + secret + "@db/?sslmode=verify-full&sslrootcert=/nowhere/ca.crt&password=" + secret,
	} {
		d, _, err := store.Resolve(store.Settings{URL: bad})
		if err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(d, "")
		if err == nil {
			db.Close()
			t.Errorf("%s: got no error", d)
			continue
		}
		if leaks(err.Error(), secret) || !strings.HasPrefix(err.Error(), "opening "+d.String()+": ") {
			t.Errorf("got %q", err)
		}
	}
}
