package stacktest

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
)

const doorFile = `
- id: vault
  name: Vault
  secret: vault-secret-vault-secret
  redirect_uris: [https://app.invalid/callback]
  scope: openid email groups offline_access
  grant_types: [authorization_code, refresh_token, implicit]
  response_types: [code, token, id_token, "id_token token"]
`

// twoReplicas starts two over one pair of databases. Browsers and applications meet the second; the first one is where
// administrators are.
func twoReplicas(t *testing.T, public []net.Listener, d databases, opts ...Option) (admin, s *Stack) {
	t.Helper()
	opts = append(append([]Option{}, append(d.opts, opts...)...),
		Set("urls.ui", localhost(public[0])), Set("urls.hydra", localhost(public[1])), Set("urls.kratos", localhost(public[2])))
	admin, s = Start(t, opts...), Start(t, opts...)
	for i, name := range []string{"ui", "hydra_public", "kratos_public"} {
		Proxy(t, public[i], Authority{}, "http://"+s.Address(name))
	}
	return admin, s
}

// vaultAsks is the address at which vault begins.
func vaultAsks(s *Stack, more ...string) string {
	query := url.Values{
		"client_id": {"vault"}, "response_type": {"code"}, "scope": {"openid email groups offline_access"},
		"state": {"state-state"}, "nonce": {"nonce-nonce"}, "redirect_uri": {vaultCallback},
	}
	for i := 0; i+1 < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return s.URLs.Hydra + "/oauth2/auth?" + query.Encode()
}

// toVault signs somebody in at vault as far as the consent page.
func toVault(t *testing.T, s *Stack, email string, more ...string) *Browser {
	t.Helper()
	b := NewBrowser(t)
	b.Open(vaultAsks(s, append(more, "prompt", "consent")...))
	b.Submit("form", map[string]string{"identifier": email, "password": password, "method": "password"})
	return b
}

// holdBack keeps the browser from following a redirect that brings a parameter, and returns where it would have gone.
func holdBack(b *Browser, parameter string) (kept func() string) {
	follow, to := b.client.CheckRedirect, ""
	b.client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if r.URL.Query().Has(parameter) {
			to = r.URL.String()
			return http.ErrUseLastResponse
		}
		return follow(r, via)
	}
	return func() string {
		b.t.Helper()
		b.client.CheckRedirect = follow
		if to == "" {
			b.t.Fatalf("nothing brought %s: got to %s (%d)", parameter, b.URL, b.Status)
		}
		return to
	}
}

// later is answer, whose form was read before.
func (b *Browser) later(s *Stack) (answer func(fields map[string]string)) {
	b.t.Helper()
	f := b.flow(s)
	form := url.Values{}
	for _, n := range f.UI.Nodes {
		if a := n.Attributes; n.Group == "default" && a.Type != "submit" && a.Value != nil {
			form.Set(a.Name, fmt.Sprint(a.Value))
		}
	}
	return func(fields map[string]string) {
		for name, value := range fields {
			form.Set(name, value)
		}
		b.send(http.MethodPost, f.UI.Action, form)
	}
}

// way is a way to take access away.
type way struct {
	do func(t *testing.T, admin *Stack, id, email string)
	// kept says that who knows the password may come back, active that who has another way of their own may.
	kept, active bool
	// mails says that what comes by mail is tried as well, which takes its time.
	mails bool
}

func setState(t *testing.T, admin *Stack, id, state string) {
	t.Helper()
	var out struct{ State string }
	call(t, http.MethodPatch, admin.URLs.KratosAdmin+"/admin/identities/"+id, "application/json",
		`[{"op":"replace","path":"/state","value":"`+state+`"}]`, nil, &out)
}

func putPerson(t *testing.T, admin *Stack, id, body string) {
	t.Helper()
	var out struct{ State string }
	call(t, http.MethodPut, admin.URLs.KratosAdmin+"/admin/identities/"+id, "application/json", body, nil, &out)
}

func revoked(t *testing.T, admin *Stack, id, _ string) {
	t.Helper()
	var out struct {
		Sessions, Logins, Consents int
		Refresh                    int `json:"refresh_tokens"`
	}
	call(t, http.MethodPost, admin.URLs.KratosAdmin+"/admin/identityd/identities/"+id+"/revoke", "", "", nil, &out)
	if out.Sessions < 5 || out.Logins < 2 || out.Consents < 1 || out.Refresh != 1 {
		t.Errorf("got %+v, want what there was", out)
	}
}

func ways() map[string]way {
	return map[string]way{
		"deactivated by a patch": {do: func(t *testing.T, admin *Stack, id, _ string) { setState(t, admin, id, "inactive") }},
		"deactivated as a whole": {do: func(t *testing.T, admin *Stack, id, email string) {
			putPerson(t, admin, id, `{"schema_id":"email@1","state":"inactive","traits":{"email":"`+email+`"}}`)
		}},
		"deleted": {do: func(t *testing.T, admin *Stack, id, _ string) {
			if got := remove(t, admin.URLs.KratosAdmin+"/admin/identities/"+id); got != http.StatusNoContent {
				t.Fatalf("got %d", got)
			}
		}},
		"revoked": {do: revoked, kept: true, active: true, mails: true},
		"given another password": {active: true, do: func(t *testing.T, admin *Stack, id, email string) {
			putPerson(t, admin, id, `{"schema_id":"email@1","state":"active","traits":{"email":"`+email+`"},
				"credentials":{"password":{"config":{"password":"a-wholly-new-phrase-7"}}}}`)
		}},
	}
}

// tryDoors takes access away in one way and tries every door: the first request after the answer is refused.
func tryDoors(t *testing.T, admin, s *Stack, email string, w way, more ...door) {
	t.Helper()
	id := member(t, s, email)
	var tries []func()
	for _, d := range append(doors(), more...) {
		if d.mail && !w.mails {
			continue
		}
		try := d.make(t, s, email)
		tries = append(tries, func() {
			t.Run(d.name, func(t *testing.T) {
				got := try()
				if d.password && w.kept || d.own && w.active {
					if got == "" {
						t.Error("who may come back is kept out")
					}
				} else if got != "" {
					t.Errorf("the door is open: %s", got)
				}
			})
		})
	}
	w.do(t, admin, id, email)
	for _, try := range tries {
		try()
	}
}

func TestNoDoorIsLeftOpenOnSQLite(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t, withFiles(t, map[string]string{"clients": doorFile}))
	tryDoors(t, s, s, "lisa@example.com", way{do: revoked, kept: true, active: true}, passkeyDoors()...)
}

// TestNoDoorIsLeftOpen takes access away on one replica, in each way there is, and tries every door on another.
func TestNoDoorIsLeftOpen(t *testing.T) {
	d, app, public := newDatabases(t, pgtest.Shared(t)), newTold(t), Ports(t, 3)
	more, providers := passkeyDoors(), ""
	if issuer, err := upstreamIfAny(t, localhost(public[2])+"/self-service/methods/oidc/callback/work"); err != nil {
		t.Logf("SKIP: doors by a provider: %v", err)
	} else {
		more, providers = append(more, providerDoors()...), providerOfWords+issuer
	}
	admin, s := twoReplicas(t, public, d, withFiles(t, map[string]string{"login_providers": providers, "clients": doorFile + `
- id: told
  name: Told
  secret: told-secret-told-secret
  redirect_uris: [https://app.invalid/callback]
  backchannel_logout_uri: ` + app.URL + `/bye
  scope: openid email offline_access
  skip_consent: true
`}))
	state := func(id, to string) { setState(t, admin, id, to) }
	// Two at a time: most of it is the pace of answers that say no.
	t.Run("taken away", func(t *testing.T) {
		for name, w := range ways() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				tryDoors(t, admin, s, strings.ReplaceAll(name, " ", "-")+"@example.com", w, more...)
			})
		}
	})
	t.Run("a second factor that is still to be given", func(t *testing.T) {
		const email = "half@example.com"
		id := member(t, s, email)
		b := NewBrowser(t)
		signIn(b, s, email)
		now := setUpTOTP(t, s, b)
		half := NewBrowser(t)
		signIn(half, s, email)
		later := half.later(s)
		state(id, "inactive")
		later(map[string]string{"method": "totp", "totp_code": now()})
		if got := signedIn(s, half); got != "" {
			t.Errorf("the door is open: %s", got)
		}
	})
	if providers != "" {
		t.Run("a provider that is being linked", func(t *testing.T) { linkedWhileDisabled(t, admin, s) })
	}
	t.Run("who is active again finds nothing of before", func(t *testing.T) {
		const email = "again@example.com"
		id := member(t, s, email)
		b := toVault(t, s, email)
		b.Submit("form", map[string]string{"action": "allow", "remember": "true"})
		tokens := redeemCode(t, s, b.URL.Query().Get("code"))
		for _, to := range []string{"inactive", "active"} {
			state(id, to)
		}
		if got := signedIn(s, b); got != "" {
			t.Errorf("the session is back: %s", got)
		}
		if got := refresh(t, s, tokens.Refresh); got.Error != "invalid_grant" || introspects(t, s, tokens.Access) {
			t.Errorf("tokens are back: %+v", got)
		}
	})
	ownChanges(t, admin, s)
	t.Run("an issuer of assertions that is no longer trusted", func(t *testing.T) { untrusted(t, admin, s) })
	t.Run("an order that nobody carried out is taken on", func(t *testing.T) {
		const email = "crash@example.com"
		id := member(t, s, email)
		_, tokens := vaultTokens(t, s, email)
		// As a process leaves it that ended between its transaction and what follows.
		db := openDB(t, "pgx", d.server.DatabaseURL(d.kratos))
		for _, statement := range []string{
			"UPDATE identities SET state = 'inactive' WHERE id = '" + id + "'",
			"INSERT INTO identityd_offboarding (identity_id, keep_session, reason, noted_ms, due_ms) VALUES ('" + id + "', '', 'deactivated', 1, 2)",
		} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		until(t, "the tokens end", func() bool { return !introspects(t, s, tokens.Access) && !introspects(t, s, tokens.Refresh) })
		until(t, "the order waits for a second look", func() bool {
			done := 0
			err := db.QueryRowContext(t.Context(), "SELECT done FROM identityd_offboarding WHERE identity_id = $1", id).Scan(&done)
			return err == nil && done == 1
		})
	})
	t.Run("applications are told by back channel", func(t *testing.T) {
		b, got := bring(t, s, "bea@example.com")
		app.set(false)
		setState(t, admin, s.Whoami(t, b).Identity.ID, "inactive")
		if message := app.await(t, s); message.Session != claim(t, got.ID, "sid") {
			t.Errorf("told of session %s, want %s", message.Session, claim(t, got.ID, "sid"))
		}
	})
}
