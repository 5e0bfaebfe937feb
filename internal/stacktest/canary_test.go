package stacktest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/identityd/internal/adminguard"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/tried"
)

// canaries are secrets by what they are; where one shows up, it has leaked.
type canaries map[string]string

// in returns the names of those that a text holds, in any of the forms that texts put them in.
func (c canaries) in(text string) []string {
	var out []string
	for name, secret := range c {
		forms := []string{
			secret, url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString([]byte(secret)),
			base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		}
		if slices.ContainsFunc(forms, func(f string) bool { return strings.Contains(text, f) }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// heard are all answers that browsers and programs got.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
}

func (h *heard) answer(res *http.Response) {
	raw, err := io.ReadAll(res.Body)
	res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(raw))
	h.mu.Lock()
	defer h.mu.Unlock()
	fmt.Fprintf(&h.text, "%s %v\n%s %v\n", res.Status, res.Header.Get("Location"), raw, err)
}

// TestNoCanaryLeaves runs a stack at debug level whose every secret is known, through what goes well and what
// goes wrong, and looks for the secrets in all that it wrote and answered.
func TestNoCanaryLeaves(t *testing.T) {
	server := pgtest.Start(t)
	d := newDatabases(t, server)
	config := canaries{
		"secrets.system": "canary-system-k7Q2vX9mLr4TzB8wYn", "secrets.cookie": "canary-cookie-h3F6sD1pGj5KxC0uWa",
		"secrets.cipher": "canary-cipher-e9R4tN7bVq2MzL6yIo", "mail.smtp_url": "canary-smtp-k2J9fHs7",
		"clients.secret": "vault-secret-vault-secret", "login.providers.client_secret": "canary-provider-8sK2jQx",
		"pairwise.salt": "canary-salt-4nV8cT1z",
	}
	if u, err := url.Parse(server.URL()); err != nil {
		t.Fatal(err)
	} else if p, ok := u.User.Password(); ok {
		config["database.url"] = p
	}
	token, line, err := adminguard.New("canary", []adminguard.Scope{"all"})
	if err != nil {
		t.Fatal(err)
	}
	config["admin token"] = token
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := append(append([]Option{}, d.opts...),
		Set("logging.level", "debug"), Set("admin.token_file", tokens), Set("mail.from", "id@example.com"),
		Set("mail.smtp_url", "smtp://mailer:"+config["mail.smtp_url"]+"@127.0.0.1:1/?disable_starttls=true"),
		Set("identity.verification", "optional"), Set("login.first.password.breach_check", "false"),
		withFiles(t, map[string]string{
			"clients":         vaultFile,
			"login_providers": "[{id: work, preset: oidc, name: Work, client_id: here, client_secret: " + config["login.providers.client_secret"] + ", issuer: \"http://127.0.0.1:1\"}]",
			"hydra":           "oidc: {subject_identifiers: {supported_types: [public, pairwise], pairwise: {salt: " + config["pairwise.salt"] + "}}}",
		}))
	if !StandIn() { // which has made keys with secrets of its own
		opts = append(opts, Set("secrets.system", config["secrets.system"]), Set("secrets.cookie", config["secrets.cookie"]), Set("secrets.cipher", config["secrets.cipher"]))
	}
	s := Start(t, opts...)
	people := canaries{"a password": "canary battery staple 7 Xq", "a wrong password": "canary wrong horse 9 Zw"}
	answers := &heard{}
	as := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}

	// What goes well.
	b := NewBrowser(t)
	b.Watch(answers.answer)
	b.Open(s.URLs.UI + "/registration")
	b.Submit("form", map[string]string{"traits.email": "ada@example.com", "password": people["a password"], "method": "password"})
	g := tokensOf(t, s, b, "vault")
	people["an access token"], people["a refresh token"] = g.Access, g.Refresh
	for _, c := range b.client.Jar.Cookies(b.URL) {
		if len(c.Value) > 40 {
			people["the cookie "+c.Name] = c.Value
		}
	}
	// What goes wrong: passwords, codes, tokens, clients, a provider that is away, mail that is, the database.
	wrong := NewBrowser(t)
	wrong.Watch(answers.answer)
	wrong.Open(s.URLs.UI + "/login")
	wrong.Submit(selfService, map[string]string{"identifier": "ada@example.com", "password": people["a wrong password"], "method": "password"})
	wrong.answer(s, map[string]string{"provider": "work"})
	wrong.Open(s.URLs.UI + "/recovery")
	wrong.answer(s, map[string]string{"email": "ada@example.com", "method": "code"})
	wrong.answer(s, map[string]string{"code": "000000", "method": "code"})
	wrong.Open(s.URLs.Hydra + "/oauth2/auth?client_id=nobody")
	watching := &http.Client{Transport: watched{http.DefaultTransport, answers.answer}}
	ask := func(method, target string, form url.Values, change func(*http.Request)) {
		t.Helper()
		req := postForm(t, target, form)
		if req.Method = method; method == http.MethodGet {
			req.Body = nil
		}
		if change != nil {
			change(req)
		}
		res, err := watching.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	basic := func(secret string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth("vault", secret) }
	}
	ask(http.MethodPost, s.URLs.Hydra+"/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {g.Refresh + "x"}}, basic(config["clients.secret"]))
	ask(http.MethodPost, s.URLs.Hydra+"/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {g.Refresh}}, basic("wrong-"+config["clients.secret"]))
	for _, path := range []string{"/admin/clients", "/admin/keys/hydra.openid.id-token", "/admin/clients/nobody"} {
		ask(http.MethodGet, s.URLs.HydraAdmin+path, nil, as(token))
		ask(http.MethodGet, s.URLs.HydraAdmin+path, nil, as(token+"x"))
	}
	ask(http.MethodGet, s.URLs.KratosAdmin+"/admin/identities?credentials_identifier=ada@example.com", nil, as(token))
	end := Refuse(t, server.URL(), d.kratos, "sessions", "INSERT", "53100", -1)
	wrong.Open(s.URLs.UI + "/login")
	wrong.Submit(selfService, map[string]string{"identifier": "ada@example.com", "password": people["a password"], "method": "password"})
	end()
	server.Stop(pgtest.Immediate)
	ask(http.MethodPost, s.URLs.Hydra+"/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {g.Refresh}}, basic(config["clients.secret"]))
	ask(http.MethodGet, s.URLs.Kratos+"/sessions/whoami", nil, as(g.Access))
	ask(http.MethodGet, s.URLs.Ops+"/health/ready", nil, nil)
	server.Start()
	until(t, "it serves again", func() bool { var body any; return get(t, s.URLs.Ops+"/health/ready", &body) == http.StatusOK })
	ask(http.MethodGet, s.URLs.Ops+"/metrics", nil, nil)
	ask(http.MethodGet, s.URLs.Ops+"/version", nil, nil)

	var stacks bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&stacks, 2); err != nil {
		t.Fatal(err)
	}
	cfg := Configure(t, opts...)
	shown, err := cfg.YAML()
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := cfg.JSON()
	if err != nil {
		t.Fatal(err)
	}
	searched := map[string]string{
		"the log at debug level": s.Log.String(), "the answers": answers.text.String(), "the stacks of all goroutines": stacks.String(),
		"config show": string(shown) + string(asJSON) + fmt.Sprintf("%+v %#v", cfg, cfg), "the data folder": filesOf(t, cfg.DataDir),
		"hydra's database": rowsOf(t, server, d.hydra), "kratos' database": rowsOf(t, server, d.kratos),
	}
	size := 0
	for where, text := range searched {
		size += len(text)
		if len(text) < 100 && where != "the data folder" {
			t.Errorf("%s has %d bytes: the test proves nothing there", where, len(text))
		}
		for _, name := range config.in(text) {
			t.Errorf("%s holds %s", where, name)
		}
		for _, name := range people.in(text) {
			t.Errorf("%s holds %s", where, name)
		}
	}
	for _, line := range []string{"connection refused", `"status":503`, "courier"} {
		if !strings.Contains(searched["the log at debug level"], line) {
			t.Errorf("the log does not say %q: what was to go wrong did not", line)
		}
	}
	// The search itself: what is logged on purpose is found, in each form.
	for name, secret := range config {
		s.options.Log.Info("canary", "url", "https://x.invalid/?a="+url.QueryEscape(secret))
		if !slices.Contains(config.in(s.Log.String()), name) {
			t.Errorf("%s was logged and not found", name)
		}
	}
	tried.Report(t, "every secret of the configuration, passwords, tokens and cookies made known, then a run with failures of database, mail, provider and people at debug level",
		"none of %d found in %d kB of logs, answers, metrics, stacks, shown configuration, data folder and both databases; each of %d logged on purpose was found",
		len(config)+len(people), size/1024, len(config))
}

// filesOf is all that is in the files of a data folder but that of the secrets.
func filesOf(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || e.Name() == "secrets.yaml" {
			return err
		}
		raw, err := os.ReadFile(path)
		out.WriteString(path)
		out.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// rowsOf is every row of a database as text.
func rowsOf(t *testing.T, server *pgtest.Server, database string) string {
	t.Helper()
	db := openDB(t, "pgx", server.DatabaseURL(database))
	strs := func(query string) []string {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var out []string
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				t.Fatal(err)
			}
			out = append(out, one)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return out
	}
	var out strings.Builder
	for _, table := range strs("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") {
		out.WriteString(strings.Join(strs(fmt.Sprintf("SELECT x::text FROM %q AS x", table)), "\n"))
	}
	return out.String()
}
