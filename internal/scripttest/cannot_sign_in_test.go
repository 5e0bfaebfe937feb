//go:build unix

package scripttest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/certs/certtest"
	"example.com/identityd/internal/doctest"
)

// TestUsersCannotSignIn breaks one thing after another and does what docs/guides/users-cannot-sign-in.md says: each time the step that is
// for it names the culprit.
func TestUsersCannotSignIn(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("SKIP: there is no curl")
	}
	if !doctest.Alone(t) {
		return
	}
	steps := doctest.Of(t, "docs/guides/users-cannot-sign-in.md")
	if len(steps) != 7 {
		t.Fatalf("got %d steps, and this test knows 7", len(steps))
	}
	g := &guide{steps: steps, reader: &doctest.Reader{
		Dir: t.TempDir(), Bound: StartBound, Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()},
	}}
	t.Run("nothing serves", func(t *testing.T) {
		g.file(t, "profile: development\n")
		g.says(t, 1, "connection refused", "no identityd serves from")
	})
	t.Run("the mail server is away", func(t *testing.T) {
		g.file(t, `profile: development`+"\n"+`mail: { smtp_url: "smtp://localhost:2525/?disable_starttls=true", from: no-reply@localhost }`+"\n")
		g.says(t, 4, "FAULT    mail/server", "nothing listens at localhost:2525")
		g.says(t, 6, "nothing listens at localhost:2525")
	})
	t.Run("a service that people sign in with is away", func(t *testing.T) {
		g.file(t, `profile: development`+"\n"+`login: { providers: [{ id: work, preset: oidc, name: Work, issuer: "http://localhost:9998", client_id: x, client_secret: "`+strings.Repeat("y", 32)+`" }] }`+"\n")
		g.says(t, 4, "FAULT    sign-in/providers", "http://localhost:9998")
	})
	t.Run("the database is away", func(t *testing.T) {
		g.file(t, `profile: development`+"\n"+`database: { url: "postgres://identityd:change-me@localhost:5432/postgres?sslmode=disable" }`+"\n")
		g.says(t, 4, "FAULT    database/answers")
	})
	t.Run("a certificate has expired", func(t *testing.T) {
		pair := certtest.NewAuthority(t).Issue(t, time.Now().Add(-time.Hour), "localhost")
		g.write(t, "tls.crt", string(pair.Cert))
		g.write(t, "tls.key", string(pair.Key))
		g.file(t, "profile: development\ntls: { cert_file: tls.crt, key_file: tls.key }\n")
		g.says(t, 4, "FAULT    tls/certificates", "expired")
	})
	g.file(t, "profile: development\n")
	g.serves(t)
	t.Run("nothing is wrong", func(t *testing.T) {
		g.says(t, 1, "ready", "ready                 yes")
		g.says(t, 6, "anna@example.com")
	})
	t.Run("an application asks with an address that is not registered", func(t *testing.T) {
		g.asks(t, "wrong-address", "http://localhost:3000/oauth2/auth?client_id=shop&response_type=code&state=12345678&redirect_uri=https://shop.example.com/other", "")
		g.why(t, "wrong-address", "is not one of those it is registered with")
		g.says(t, 7, "REFUSED", "https://shop.example.com/callback")
	})
	t.Run("somebody guesses and has to wait", func(t *testing.T) {
		refused := 0
		for i := 1; i <= 12 && refused == 0; i++ {
			if g.signsIn(t, fmt.Sprintf("try-%d", i), "anna@example.com", "not-this-one") == http.StatusTooManyRequests {
				refused = i
			}
		}
		g.why(t, "try-1", "the password was wrong")
		g.why(t, fmt.Sprintf("try-%d", refused), "too many failed attempts")
		g.says(t, 3, `identityd_flows_failed_total{flow="login",reason="wrong_credentials"}`, `identityd_throttle_refused_total{kind="login"} 1`, "LoginFailed")
		g.says(t, 5, "FAILURES  WAIT", "login    account")
	})
}

// guide is the page, and where it is followed.
type guide struct {
	steps  []doctest.Block
	reader *doctest.Reader
}

func (g *guide) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(g.reader.Dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (g *guide) file(t *testing.T, text string) { t.Helper(); g.write(t, "stack.yaml", text) }

// says follows a step, by its number on the page, and wants the words in what it prints.
func (g *guide) says(t *testing.T, step int, words ...string) {
	t.Helper()
	g.shows(t, g.steps[step-1], words...)
}

// shows does not mind how a block ends: a step that finds something ends with 1.
func (g *guide) shows(t *testing.T, b doctest.Block, words ...string) {
	t.Helper()
	b.Text = "set +e\n" + b.Text + "true\n"
	out := g.reader.Do(t, b)
	// Lines are broken for a terminal.
	flat := strings.Join(strings.Fields(out), " ")
	for _, w := range words {
		if !strings.Contains(flat, strings.Join(strings.Fields(w), " ")) {
			t.Errorf("%s does not say %q:\n%s", b.At(), w, out)
		}
	}
}

func (g *guide) why(t *testing.T, id, words string) {
	t.Helper()
	b := g.steps[1]
	given := strings.Replace(b.Text, "ID=4GN5MZ2BLMSOA6DLZMWFWFOGWB", "ID="+id, 1)
	if given == b.Text {
		t.Fatalf("%s has no id to fill in", b.At())
	}
	b.Text = given
	g.shows(t, b, words)
}

// serves starts identityd with a client and a person.
func (g *guide) serves(t *testing.T) {
	t.Helper()
	g.reader.Do(t, doctest.Block{Page: "this test", Text: "cd " + g.reader.Dir + " && exec identityd serve", Until: "Ctrl-C stops it."})
	g.reader.Do(t, doctest.Block{Page: "this test", Text: "identityd client create --id shop --redirect-uri https://shop.example.com/callback\n" +
		"identityd identity create --email anna@example.com --verified"})
}

// asks sends a request under an id, and returns the status and the body as JSON.
func (g *guide) asks(t *testing.T, id, address, body string) (int, map[string]any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), StopBound)
	defer cancel()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Request-Id", id)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	_ = json.NewDecoder(res.Body).Decode(&out) // a page is none
	return res.StatusCode, out
}
