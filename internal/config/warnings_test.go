package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

func TestWarnings(t *testing.T) {
	const good = "q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T"
	for _, tt := range []struct {
		name, file string
		mode       os.FileMode
		want       []string
	}{
		{"a file without secrets may be readable", "region: a", 0o644, nil},
		{"a closed file with secrets is fine", "secrets: {system: [" + good + "]}", 0o600, nil},
		{
			"a readable file with secrets is warned of", "secrets: {system: [" + good + "]}", 0o640,
			[]string{"secrets.system: DIR/stack.yaml can be read by others (mode 0640); run chmod 600 on it"},
		},
		{
			"a readable file with a password in an address is warned of", `database: {url: "postgres://u:p@db"}`, 0o604,
			[]string{"database.url: DIR/stack.yaml can be read by others (mode 0604); run chmod 600 on it"},
		},
		{
			"a readable password file is warned of", `database: {url: "postgres://db", hydra: {password_file: open}}`, 0o600,
			[]string{"database.hydra.password_file: DIR/open can be read by others (mode 0644); run chmod 600 on it"},
		},
		{
			"several hosts, a password and a schema in an address are warned of",
			`database: {url: "postgres://a:1,b:2/?password=p&search_path=mine&work_mem=8MB"}`, 0o600,
			[]string{
				"database.url: has a password after ?; write it as user:password@, or use password_file",
				"database.url: names several hosts, and the first that answers may be a standby; add target_session_attrs=read-write",
				"database.url: sets search_path; identityd bootstrap grants rights in the schema public only",
			},
		},
		{
			"placeholders are only warned of in development",
			"secrets: {system: [please-change-this-value-0123456], cookie: [please-change-this-value-0123456]}", 0o600,
			[]string{
				"secrets.cookie[0]: looks like a placeholder; make one with: openssl rand -base64 24",
				"secrets.cookie[0]: must differ from those of secrets.system; make one with: openssl rand -base64 24",
				"secrets.system[0]: looks like a placeholder; make one with: openssl rand -base64 24",
			},
		},
		{
			"a process outside of the regions is warned of",
			"region: mars\ndatabase: {url: \"cockroach://db\", regions: {primary: eu, others: [us]}}", 0o600,
			[]string{`region: is none of database.regions, eu, us (got "mars"); write the region that this process runs in`},
		},
		{
			"keys that browsers will not make here are warned of",
			"urls: {ui: http://id.example.com, hydra: http://id.example.com, kratos: http://id.example.com}", 0o600,
			[]string{
				`login.first.passkey.enabled: needs pages that come by https, or from localhost (got urls.ui: "http://id.example.com"); ` +
					"use https, or switch passkey and security_key off",
			},
		},
		{
			"no first factor is warned of", "login: {first: {password: {enabled: false}, passkey: {enabled: false}}}\n" +
				"kratos: {selfservice: {methods: {webauthn: {enabled: true}}}}", 0o600,
			[]string{"login.first.password.enabled: no first factor is left but what the kratos block may enable"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, map[string]string{"stack.yaml": "profile: development\n" + tt.file, "open": "p\n"})
			for name, mode := range map[string]os.FileMode{"stack.yaml": tt.mode, "open": 0o644} {
				if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, w := range load(t, config.Options{Dir: dir}).Warnings {
				got = append(got, strings.ReplaceAll(w.String(), dir, "DIR"))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("warnings differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSecretsComeFromAnySource(t *testing.T) {
	const a, b = "q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T", "r0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T"
	dir := write(t, map[string]string{
		"stack.yaml": "profile: development\nsecrets: {system_file: lines, file: all.yaml}\n",
		"lines":      "\n" + a + "\r\n  " + b + "\n\n",
		"all.yaml":   "cookie: [" + b + "]\n",
	})
	cfg := load(t, config.Options{Dir: dir, Environ: []string{"IDENTITYD_SECRETS_CIPHER=" + a + "," + b}})
	reveal := func(list []config.Secret) (out []string) {
		for _, s := range list {
			out = append(out, s.Reveal())
		}
		return out
	}
	got := [][]string{reveal(cfg.Secrets.System), reveal(cfg.Secrets.Cookie), reveal(cfg.Secrets.Cipher)}
	if diff := cmp.Diff([][]string{{a, b}, {b}, {a, b}}, got); diff != "" {
		t.Errorf("secrets differ (-want +got):\n%s", diff)
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string][4]string{
		"off":               {"off", "tcp", "loopback", "off"},
		":3000":             {":3000", "tcp", "open", ":3000"},
		"localhost:0":       {"localhost:0", "tcp", "loopback", "localhost:0"},
		"[::1]:4445":        {"[::1]:4445", "tcp", "loopback", "[::1]:4445"},
		"127.9.9.9:1":       {"127.9.9.9:1", "tcp", "loopback", "127.9.9.9:1"},
		"[::]:1":            {"[::]:1", "tcp", "open", "[::]:1"},
		"localhost.evil:1":  {"localhost.evil:1", "tcp", "open", "localhost.evil:1"},
		"unix:/run/id.sock": {"/run/id.sock", "unix", "loopback", "unix:/run/id.sock"},
	} {
		a, err := config.ParseAddress(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		reach := "open"
		if a.Loopback() {
			reach = "loopback"
		}
		spelled, err := a.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		got := [4]string{a.String(), a.Network(), reach, string(spelled)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", text, diff)
		}
	}
}

// TestProductionSaysHowItsDatabaseIsReached: development may do as the driver does.
func TestProductionSaysHowItsDatabaseIsReached(t *testing.T) {
	const cure = "write sslmode=verify-full&sslrootcert=<file of the authority>"
	for name, tt := range map[string]struct{ url, problem, warning string }{
		"TLS that checks the server": {url: "postgres://db/?sslmode=verify-full"},
		"an own authority":           {url: "cockroach://db/?sslmode=require&sslrootcert=ca.crt"},
		"nothing said": {
			url: "postgres://u:hunter2@db/", problem: "must say how the connection is protected (without sslmode it falls back to plain text); " +
				cure + ", or sslmode=disable where the network itself is trusted",
		},
		"TLS that may be left out": {
			url: "cockroach://db/?sslmode=prefer", problem: "must say how the connection is protected (with sslmode=prefer it falls back to plain text); " +
				cure + ", or sslmode=disable where the network itself is trusted",
		},
		"plain text on purpose": {
			url: "postgres://db/?sslmode=disable", warning: "has sslmode=disable: passwords and tokens cross the network in plain text; " + cure,
		},
		"TLS with anybody": {
			url: "postgres://db/?sslmode=require", warning: "has sslmode=require, which encrypts but takes any server for the right one; " + cure,
		},
		"loopback":         {url: "postgres://127.0.0.1:5432/"},
		"loopback by name": {url: "postgres://u@localhost/"},
		"IPv6 loopback":    {url: "postgres://[::1]:5432/"},
		"a socket":         {url: "postgres:///?host=/run/postgresql"},
		"one that leaves the machine among others": {
			url: "postgres://127.0.0.1,db/?target_session_attrs=any", problem: "must say how the connection is protected (without sslmode it falls back to plain text); " +
				cure + ", or sslmode=disable where the network itself is trusted",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"stack.yaml": "profile: production\ndatabase: {url: \"" + tt.url + "\"}"})
			if err := os.Chmod(filepath.Join(dir, "stack.yaml"), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, err := config.Load(config.Options{Dir: dir, OnlyDatabase: true})
			got := ""
			if err != nil {
				got = strings.TrimPrefix(err.Error(), "database.url: ")
			}
			if got != tt.problem {
				t.Errorf("problem: got  %q\nwant %q", got, tt.problem)
			}
			got = ""
			for _, w := range cfg.Warnings {
				if w.Path == "database.url" {
					got += w.Message
				}
			}
			if got != tt.warning {
				t.Errorf("warning: got  %q\nwant %q", got, tt.warning)
			}
		})
	}
}
