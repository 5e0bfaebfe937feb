package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.com/identityd/internal/config"
)

func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/*.bad.yml", "testdata/ok/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data, "IDENTITYD_LISTEN_UI=:3000")
		}
	}
	for _, seed := range []string{
		"a: &a [*a]", "<<: {profile: development}", "? [a]\n: b", "profile: !!int x", "listen: &l {ui: :1}\nurls: *l",
		"kratos: {a.b: {c: 1}, a: {b.c: 2}}", "profile: development\nreturn_to: [2020-01-01]",
		"profile: development\nmail: {smtp_url: 'smtp://[::1'}", "profile: development\nmail: {smtp_url: 'smtps://u:p@h?x=%zz'}",
		"profile: development\nclients: [{id: a, redirect_uris: ['a:/b', '%zz', 'http://[']}, {}, 5]\nclaims: {a: {b: {c: [1]}}}",
		"profile: development\nhydra: {a: .nan, b: .inf, c: 2020-01-01, d: !!binary aGk=, e: {1: 2}, f: 1e400}",
		"profile: development\nkratos: {u: 'x://%zz', l: [{password: [1, {a: b}]}]}\nthrottle: {a: b}", "\xff\xfe", "{", "!!binary x",
	} {
		f.Add([]byte(seed), "IDENTITYD_DATABASE_URL=postgres://u:p@[::1/x?y=%zz")
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, variable string) {
		file := filepath.Join(dir, "stack.yaml")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(config.Options{Dir: dir, Environ: []string{variable}})
		var p *config.Problems
		switch {
		case err == nil && cfg.Profile != config.Development && cfg.Profile != config.Production:
			t.Errorf("loaded with profile %q", cfg.Profile)
		case err != nil && (!errors.As(err, &p) || len(p.List) == 0):
			t.Errorf("got error %v, want *config.Problems with at least one problem", err)
		case err == nil:
			if _, err := cfg.YAML(); err != nil {
				t.Errorf("got error %v from showing it", err)
			}
			if _, err := cfg.JSON(); err != nil {
				t.Errorf("got error %v from showing it as JSON", err)
			}
		}
	})
}
