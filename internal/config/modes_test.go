package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/tried"
)

const closedFile = `profile: production
origin: https://id.example.com
listen: {gateway: ":0"}
database: {url: "postgres://db/?sslmode=verify-full", hydra: {password_file: password}, kratos: {user: kratos, password_file: password}}
identity: {verification: optional}
mail: {smtp_url: "smtps://mail.example.com", from: a@example.com}
secrets: {file: secrets.yaml}
admin: {token_file: tokens}
`

const closedSecrets = `system: [q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]
cookie: [r0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]
cipher: [s0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]
`

func TestFilesThatEverybodyReadsAreRefusedInProduction(t *testing.T) {
	type modes map[string]os.FileMode
	refused := 0
	for _, tt := range []struct {
		name   string
		modes  modes
		folder os.FileMode
		more   string
		want   string
	}{
		{"closed files", nil, 0o755, "", ""},
		{"files of a group", modes{"secrets.yaml": 0o640, "password": 0o640, "tokens": 0o640}, 0o755, "", ""},
		{"the file of secrets, readable", modes{"secrets.yaml": 0o644}, 0o755, "", "secrets.file: DIR/secrets.yaml can be read or written by everybody"},
		{"the file of secrets, writable", modes{"secrets.yaml": 0o602}, 0o755, "", "secrets.file: DIR/secrets.yaml can be read or written by everybody"},
		{"a password file", modes{"password": 0o604}, 0o755, "", "database.hydra.password_file: DIR/password can be read"},
		{"the file of tokens", modes{"tokens": 0o644}, 0o755, "", "admin.token_file: DIR/tokens can be read"},
		{"the configuration with a secret in it", modes{"stack.yaml": 0o644}, 0o755, "clients: [{id: a, secret: a-secret-of-the-client-a, redirect_uris: [\"https://a.example/cb\"]}]\n", "clients[0].secret: DIR/stack.yaml can be read"},
		{"the configuration without one", modes{"stack.yaml": 0o644}, 0o755, "", ""},
		{"readable files in a closed folder", modes{"secrets.yaml": 0o644, "password": 0o644, "tokens": 0o644}, 0o750, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, map[string]string{
				"stack.yaml": closedFile + tt.more, "secrets.yaml": closedSecrets, "password": "p", "tokens": "",
			})
			// Folders of tests are closed at the top; here others are to come in.
			if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, tt.folder)); err != nil { //nolint:gosec // that is what is tested
				t.Fatal(err)
			}
			for _, name := range []string{"stack.yaml", "secrets.yaml", "password", "tokens"} {
				mode := os.FileMode(0o600)
				if m, ok := tt.modes[name]; ok {
					mode = m
				}
				if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
					t.Fatal(err)
				}
			}
			_, err := config.Load(config.Options{Dir: dir})
			got := ""
			if err != nil {
				got = strings.ReplaceAll(err.Error(), dir, "DIR")
			}
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if tt.want == "" || err == nil {
				return
			}
			refused++
			if _, err := config.Load(config.Options{Dir: dir, AnyMode: true}); err != nil {
				t.Errorf("got %v without the rule, want it to be let in", err)
			}
		})
	}
	tried.Report(t, "a start in production with secrets, passwords, tokens or an own configuration that everybody on the machine can read", "%d of 5 refused", refused)
}
