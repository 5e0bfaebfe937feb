package store_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/identityd/internal/store"
)

// marker is in every password, so that a leak of any part next to it is seen, and nowhere else.
const marker = "s3cr3tm4rk"

// FuzzResolve gives passwords as people write them, percent-encoded or not, in both places.
func FuzzResolve(f *testing.F) {
	for _, seed := range [][3]string{
		{"", "", "postgres"},
		{"a?", "#/@%", "cockroach"},
		{"12?", "", "postgres"},
		{"@h/", "/", "postgresql"},
		{"1/", "%", "cockroachdb"},
		{"%25", " :", "postgres"},
		{"\x00", "\xff", "postgres"},
		{"[", "]", "postgres"},
		{"", "", "sqlite"},
		{"://", "://", "mysql"},
		{"h:1,k:2", "&=+", "postgres"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, before, after, scheme string) {
		password := before + marker + after
		if strings.Contains(scheme, marker) {
			t.Skip("the scheme is no secret")
		}
		encoded := url.URL{Scheme: "postgres", User: url.UserPassword("me", password), Host: "db"}
		check(t, store.Settings{URL: scheme + "://me:" + password + "@db/x?sslmode=disable"})
		check(t, store.Settings{URL: password})
		check(t, store.Settings{URL: "postgres://db", Kratos: store.Database{URL: "postgres://me:" + password + "@db/x"}})
		if d := check(t, store.Settings{URL: encoded.String(), Pool: pool()}); d.Reveal() == "" {
			t.Errorf("refused the encoded password %q", password)
		} else {
			checkPassword(t, d, password)
		}
		d := check(t, store.Settings{URL: "postgres://me@db", Hydra: store.Database{Password: password}})
		checkPassword(t, d, password)
	})
}

func check(t *testing.T, s store.Settings) store.DSN {
	t.Helper()
	h, k, err := store.Resolve(s)
	if err != nil {
		if leaks(err.Error(), marker) {
			t.Errorf("the error holds the password: %v", err)
		}
		return store.DSN{}
	}
	for _, d := range []store.DSN{h, k} {
		if d.Dialect() == store.SQLite {
			continue // a folder is no secret
		}
		for how, text := range printed(t, d) {
			if leaks(text, marker) {
				t.Errorf("%s: %s", how, text)
			}
		}
		db, err := store.Open(d, "other")
		if err == nil {
			db.Close()
		} else if leaks(err.Error(), marker) {
			t.Errorf("the error of Open holds the password: %v", err)
		}
	}
	return h
}

// checkPassword asks the driver which password it would send.
func checkPassword(t *testing.T, d store.DSN, want string) {
	t.Helper()
	if n := strings.Count(d.Reveal(), "?"); n != 1 {
		t.Errorf("got %d question marks, want 1: Ory reads no pool then", n)
	}
	cfg, err := pgx.ParseConfig(d.Reveal())
	if strings.Contains(want, "\x00") {
		return // a string of the protocol ends there
	}
	if err != nil {
		t.Fatalf("the driver cannot read what Resolve made of %q", want)
	}
	if got := cfg.Password; got != want {
		t.Errorf("got password %q, want %q", got, want)
	}
}
