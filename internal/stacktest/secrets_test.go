package stacktest

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/tried"
)

// rotating is an installation at addresses that stay, which is started again with other secrets.
type rotating struct {
	t             *testing.T
	opts          []Option
	work          *Stack
	proxies       map[string]*Balancer
	now           *Stack
	changing      *Changing
	hydra, kratos *sql.DB
}

func newRotating(t *testing.T, postgres bool) *rotating {
	t.Helper()
	r := &rotating{t: t, work: Start(t), proxies: map[string]*Balancer{}}
	data := filepath.Join(t.TempDir(), "data")
	r.opts = []Option{Set("data_dir", data)}
	if postgres {
		server := pgtest.Shared(t)
		d := newDatabases(t, server)
		r.opts = d.opts
		r.hydra, r.kratos = openDB(t, "pgx", server.DatabaseURL(d.hydra)), openDB(t, "pgx", server.DatabaseURL(d.kratos))
	}
	public := Ports(t, 3)
	for i, name := range []string{"ui", "hydra", "kratos"} {
		r.opts = append(r.opts, Set("urls."+name, "http://localhost:"+strconv.Itoa(public[i].Addr().(*net.TCPAddr).Port)))
	}
	r.opts = append(r.opts, Set("login.first.password.breach_check", "false"), withFiles(t, map[string]string{
		"clients": vaultFile, "login_providers": providerOfWords + r.work.URLs.Hydra,
	}))
	r.start()
	for i, name := range []string{"ui", "hydra_public", "kratos_public"} {
		r.proxies[name] = Proxy(t, public[i], Authority{}, "http://"+r.now.Address(name))
	}
	if !postgres {
		for name, db := range map[string]**sql.DB{"hydra": &r.hydra, "kratos": &r.kratos} {
			*db = openDB(t, sqlseam.SQLiteDriver, "file:"+filepath.Join(data, name+".sqlite")+"?_busy_timeout=10000")
		}
	}
	post(t, r.work.URLs.HydraAdmin+"/admin/clients", map[string]any{
		"client_id": "here", "client_secret": providerSecret, "scope": "openid email profile", "skip_consent": true,
		"redirect_uris": []string{r.now.URLs.Kratos + "/self-service/methods/oidc/callback/work"},
	})
	member(t, r.work, "gus@example.com")
	return r
}

// start starts it, again after the first time.
func (r *rotating) start(more ...Option) {
	r.t.Helper()
	if r.now != nil {
		if err := r.now.Stop(); err != nil {
			r.t.Fatal(err)
		}
	}
	r.changing = StartChanging(r.t, append(append([]Option{}, r.opts...), more...)...)
	r.now = r.changing.Stack
	for name, p := range r.proxies {
		p.To(r.t, "http://"+r.now.Address(name))
	}
}

func (r *rotating) config() config.Config { return Configure(r.t, r.opts...) }

func (r *rotating) rotate(o stack.RotateOptions) (stack.Rotated, error) {
	r.t.Helper()
	return stack.RotateSecrets(r.t.Context(), r.config(), quiet(), o)
}

func quiet() stack.Options {
	return stack.Options{Log: slog.New(slog.DiscardHandler), Version: "test"}
}

func (r *rotating) mustRotate(o stack.RotateOptions) {
	r.t.Helper()
	if _, err := r.rotate(o); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rotating) status() stack.SecretsStatus {
	r.t.Helper()
	s, err := stack.ReadSecretsStatus(r.t.Context(), r.config(), quiet())
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// old is the status of the last secret of a kind.
func (r *rotating) old(kind string) stack.SecretStatus {
	r.t.Helper()
	var out stack.SecretStatus
	for _, s := range r.status().Secrets {
		if s.Kind == kind {
			out = s
		}
	}
	return out
}

// resealed returns when nothing that can be sealed anew needs an old secret.
func (r *rotating) resealed() {
	r.t.Helper()
	until(r.t, "everything is sealed anew", func() bool {
		return r.old("system").Rows["hydra_jwk"] == 0 && len(r.old("cipher").Rows) == 0
	})
}

func (r *rotating) exec(db *sql.DB, query string) {
	r.t.Helper()
	if _, err := db.ExecContext(r.t.Context(), query); err != nil {
		r.t.Fatal(err)
	}
}

// underWay is what people and applications were doing when the secrets were rotated.
type underWay struct {
	home, asked, consenting, recovering, atProvider, linked *Browser
	tokens                                                  grant
	code, recovery, keys                                    string
}

func (r *rotating) begin() *underWay {
	r.t.Helper()
	s, t := r.now, r.t
	at := s.URLs.Hydra + "/oauth2/auth?" + authorization("vault")
	u := &underWay{
		home: atHome(t, s, "ada@example.com"), asked: NewBrowser(t), recovering: NewBrowser(t), keys: keyIDs(t, s),
		atProvider: apart(NewBrowser(t), r.work), linked: apart(NewBrowser(t), r.work),
	}
	tokensOf(t, s, u.home, "vault") // kept, and not used again
	u.tokens = tokensOf(t, s, u.home, "vault")
	u.home.Open(at)
	u.home.Submit("form", map[string]string{"action": "allow", "remember": "true"})
	if u.code = u.home.URL.Query().Get("code"); u.code == "" {
		t.Fatalf("got no code at %s", u.home.URL.Redacted())
	}
	u.consenting = atHome(t, s, "bert@example.com")
	u.consenting.Open(at)
	isAt(t, u.consenting, "/consent")
	u.asked.Open(at)
	isAt(t, u.asked, "/login")
	atHome(t, s, "cora@example.com") // whoever recovers an account loses the tokens of before
	u.recovering.Open(s.URLs.UI + "/recovery")
	u.recovering.answer(s, map[string]string{"email": "cora@example.com", "method": "code"})
	// Somebody who came by the provider before, so that its tokens are kept here.
	u.linked.Open(s.URLs.UI + "/login")
	u.linked.answer(s, map[string]string{"provider": "work"})
	u.linked.answer(r.work, map[string]string{"identifier": "gus@example.com", "password": password, "method": "password"})
	if u.linked.whoami(s) == nil {
		t.Fatalf("got %s and no session by the provider", u.linked.URL.Redacted())
	}
	// Somebody who is at the provider just now.
	u.atProvider.Open(s.URLs.UI + "/login")
	u.atProvider.answer(s, map[string]string{"provider": "work"})
	u.recovery, _ = mailedOf(t, s, "cora@example.com", "recovery")
	return u
}

// goOn finishes all of it and returns what was lost.
func (r *rotating) goOn(u *underWay) (done int, lost []string) {
	r.t.Helper()
	s, t := r.now, r.t
	check := func(ok bool, what string, facts ...any) {
		if done++; !ok {
			lost = append(lost, fmt.Sprintf(what, facts...))
		}
	}
	check(u.home.whoami(s) != nil, "the session")
	check(keyIDs(t, s) == u.keys, "the signing keys")
	check(introspects(t, s, u.tokens.Access), "the access token")
	redeemed := redeemCode(t, s, u.code)
	check(redeemed.Status == http.StatusOK, "the code that was not redeemed yet: %d %s", redeemed.Status, redeemed.Error)
	next := refresh(t, s, u.tokens.Refresh)
	check(next.Status == http.StatusOK, "the refresh token: %d %s", next.Status, next.Error)
	u.tokens = next
	u.home.Open(s.URLs.Hydra + "/oauth2/auth?" + authorization("vault") + "&prompt=none")
	check(u.home.URL.Query().Get("code") != "", "Hydra's own session and the remembered consent: %s", u.home.URL.Redacted())
	u.consenting.Submit("form", map[string]string{"action": "allow"})
	check(u.consenting.URL.Query().Get("code") != "", "the page of consent that was open: %s", u.consenting.URL.Redacted())
	u.asked.Submit(selfService, map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	check(u.asked.URL.Query().Get("code") != "", "the page of sign-in that was open: %s", u.asked.URL.Redacted())
	u.recovering.answer(s, map[string]string{"code": u.recovery, "method": "code"})
	check(u.recovering.whoami(s) != nil, "the code that was mailed: %s", u.recovering.URL.Redacted())
	u.atProvider.answer(r.work, map[string]string{"identifier": "gus@example.com", "password": password, "method": "password"})
	check(u.atProvider.whoami(s) != nil, "the sign-in at a provider: %s", u.atProvider.URL.Redacted())
	check(strings.Contains(s.credentials(t), `"initial_access_token":"ory_at_`), "the tokens of the provider")
	return done, lost
}

// credentials are those of people who came by a provider, as the admin API opens them.
func (s *Stack) credentials(t *testing.T) string {
	t.Helper()
	var people []struct{ ID string }
	get(t, s.URLs.KratosAdmin+"/admin/identities?credentials_identifier="+url.QueryEscape("work:")+"&page_size=50", &people)
	get(t, s.URLs.KratosAdmin+"/admin/identities?page_size=50", &people)
	var out strings.Builder
	for _, p := range people {
		var one map[string]any
		get(t, s.URLs.KratosAdmin+"/admin/identities/"+p.ID+"?include_credential=oidc", &one)
		credentials, _ := one["credentials"].(map[string]any)
		oidc, _ := credentials["oidc"].(map[string]any)
		config, _ := oidc["config"].(map[string]any)
		list, _ := config["providers"].([]any)
		for _, p := range list {
			provider, _ := p.(map[string]any)
			fmt.Fprintf(&out, `"initial_access_token":"%v"`, provider["initial_access_token"])
		}
	}
	return out.String()
}

func TestARotationOfSecretsSignsNobodyOut(t *testing.T) {
	for name, postgres := range map[string]bool{"on SQLite": false, "on PostgreSQL": true} {
		t.Run(name, func(t *testing.T) {
			if !postgres {
				notOnStandIn(t, onSQLite)
				Long(t) // TestWhatARotationWouldLose is on SQLite in every run
			}
			r := newRotating(t, postgres)
			u := r.begin()
			r.mustRotate(stack.RotateOptions{})
			r.start()
			done, lost := r.goOn(u)
			if len(lost) > 0 {
				t.Errorf("the rotation lost: %s", strings.Join(lost, "; "))
			}
			tried.Report(t, "a rotation of all secrets and a restart while sign-ins, consents, codes, tokens and a provider's answer were under way",
				"%d of %d went on", done-len(lost), done)
			r.resealed()

			// Dropping what is in use is refused, and says why.
			_, err := r.rotate(stack.RotateOptions{Stage: "drop"})
			var needed *stack.StillNeededError
			if !errors.As(err, &needed) {
				t.Fatalf("dropping at once: got %v, want a refusal", err)
			}
			for _, why := range []string{"of hydra_oauth2_access are opened by it alone", "sign-ins may hold a cookie of it"} {
				if !strings.Contains(err.Error(), why) {
					t.Errorf("got %v, want %q in it", err, why)
				}
			}
			tried.Report(t, "the old secrets dropped while tokens and cookies of theirs lived", "refused with %d reasons", len(needed.Lines))

			// A month later: the tokens and sign-ins of then have ended.
			began := "requested_at < to_timestamp(%d) AT TIME ZONE 'UTC'"
			if !postgres {
				began = "unixepoch(requested_at) < %d"
			}
			began = fmt.Sprintf(began, time.Now().Add(time.Second).Unix())
			for _, table := range []string{"access", "refresh", "code", "oidc", "pkce"} {
				r.exec(r.hydra, "UPDATE hydra_oauth2_"+table+" SET expires_at = '2020-01-01 00:00:00' WHERE "+began)
			}
			later := NewBrowser(t)
			signIn(later, r.now, "bert@example.com")
			tokens := tokensOf(t, r.now, later, "vault")
			month := strconv.FormatInt((31 * 24 * time.Hour).Milliseconds(), 10)
			r.exec(r.kratos, "UPDATE identityd_secret SET sealing_ms = sealing_ms - "+month+", first_ms = first_ms - "+month)
			for _, kind := range []string{"system", "cookie", "cipher"} {
				if s := r.old(kind); s.Needed {
					t.Fatalf("%s is needed for %v, want nothing", kind, s.Reasons)
				}
			}
			r.mustRotate(stack.RotateOptions{Stage: "drop"})
			r.start()
			if got := len(r.status().Secrets); got != 3 {
				t.Errorf("got %d secrets, want 3", got)
			}
			if later.whoami(r.now) == nil || keyIDs(t, r.now) != u.keys || refresh(t, r.now, tokens.Refresh).Status != http.StatusOK ||
				!strings.Contains(r.now.credentials(t), `"ory_at_`) {
				t.Error("a session, the keys, the tokens or those of the provider are lost without the old secrets")
			}
			// The cookie of before shows what dropping too early does: the clock of this test was turned, hers was not.
			if u.home.whoami(r.now) != nil {
				t.Error("a cookie of the old secret is accepted without it")
			}
		})
	}
}

// TestWhatARotationWouldLose shows that the test above would notice.
func TestWhatARotationWouldLose(t *testing.T) {
	notOnStandIn(t, onSQLite)
	r := newRotating(t, false)
	u := r.begin()
	r.mustRotate(stack.RotateOptions{})
	r.start(Without("lasting continuity"), Without("older keys of forms"), Without("sealing anew"))
	_, lost := r.goOn(u)
	text := strings.Join(lost, "; ")
	for _, want := range []string{"the page of consent that was open", "the sign-in at a provider"} {
		if !strings.Contains(text, want) {
			t.Errorf("lost %s, want %s among it", text, want)
		}
	}
	if n := r.old("system").Rows["hydra_jwk"]; n == 0 {
		t.Error("the keys were sealed anew without anybody who does it")
	}
	tried.Report(t, "the same rotation as upstream does it", "lost: %s", text)
}
