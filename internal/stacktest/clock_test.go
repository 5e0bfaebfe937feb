package stacktest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/tried"
)

// clocks is a stack of which a test can set the clock: it moves every instant that the databases keep.
type clocks struct {
	*Stack
	t    *testing.T
	data string
}

func startClocks(t *testing.T, more ...Option) clocks {
	t.Helper()
	notOnStandIn(t, onSQLite)
	data := filepath.Join(t.TempDir(), "data")
	return clocks{Start(t, append(more, Set("data_dir", data), Set("login.first.password.breach_check", "false"), withFiles(t, map[string]string{
		"clients": vaultFile,
		// Sealed sessions of tokens have instants that only Hydra could move.
		"hydra": "oauth2: {session: {encrypt_at_rest: false}}",
	}))...), t, data}
}

// ourInstants are those of ours that are numbers; the durations next to them stay.
func ourInstants() map[string][]string {
	return map[string][]string{
		"identityd_lease":           {"expires_at"},
		"identityd_janitor":         {"began_ms", "ended_ms"},
		"identityd_throttle":        {"debt_ms", "until_ms", "seen_ms"},
		"identityd_secret":          {"first_ms", "sealing_ms", "until_ms", "counted_ms"},
		"identityd_secret_reader":   {"seen_ms"},
		"identityd_declared_reader": {"seen_ms"},
		"identityd_client_secret":   {"made_ms", "until_ms"},
	}
}

// jump sets the clock of the stack: what is stored gets older by so much, or comes to lie in the future.
func (c clocks) jump(by time.Duration) (moved int64) {
	c.t.Helper()
	for _, engine := range []string{"hydra", "kratos"} {
		db := openDB(c.t, sqlseam.SQLiteDriver, "file:"+filepath.Join(c.data, engine+".sqlite")+"?_busy_timeout=10000")
		for _, column := range instantsOf(c.t, db) {
			set := fmt.Sprintf("strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, '%d seconds') || '+00:00'", column[1], -int64(by.Seconds()))
			if column[2] == "ms" {
				set = fmt.Sprintf("%s - %d", column[1], by.Milliseconds())
			}
			where := column[1] + " IS NOT NULL AND " + column[1] + " <> 0"
			if column[2] != "ms" {
				where = fmt.Sprintf("unixepoch(%s) > 1000000000", column[1])
			}
			res, err := db.ExecContext(c.t.Context(), "UPDATE "+column[0]+" SET "+column[1]+" = "+set+" WHERE "+where)
			if err != nil {
				c.t.Fatalf("moving %s.%s: %v", column[0], column[1], err)
			}
			n, err := res.RowsAffected()
			if err != nil {
				c.t.Fatal(err)
			}
			moved += n
		}
		if engine == "hydra" {
			for _, table := range []string{"access", "refresh", "code", "oidc"} {
				c.moveSessions(db, "hydra_oauth2_"+table, by)
			}
		}
	}
	return moved
}

// instantsOf lists table, column and form of every instant of a database.
func instantsOf(t *testing.T, db *sql.DB) (out [][3]string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND (upper(c.type) LIKE 'TIMESTAMP%' OR upper(c.type) LIKE 'DATETIME%')
		AND m.name NOT LIKE '%migration%' AND m.name NOT LIKE 'identityd%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		out = append(out, [3]string{table, column, "text"})
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for table, columns := range ourInstants() {
		var there int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_master WHERE name = $1", table).Scan(&there); err != nil {
			t.Fatal(err)
		}
		for _, column := range columns {
			if there > 0 {
				out = append(out, [3]string{table, column, "ms"})
			}
		}
	}
	return out
}

// moveSessions moves the instants inside the sessions of tokens, which Hydra believes before the columns.
func (c clocks) moveSessions(db *sql.DB, table string, by time.Duration) {
	c.t.Helper()
	rows, err := db.QueryContext(c.t.Context(), "SELECT signature, CAST(session_data AS TEXT) FROM "+table)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var signature, session string
		if err := rows.Scan(&signature, &session); err != nil {
			c.t.Fatal(err)
		}
		all[signature] = session
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	written := regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	for signature, session := range all {
		session = written.ReplaceAllStringFunc(session, func(text string) string {
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil || at.Year() < 2000 {
				return text
			}
			return at.Add(-by).Format(time.RFC3339Nano)
		})
		if _, err := db.ExecContext(c.t.Context(), "UPDATE "+table+" SET session_data = $1 WHERE signature = $2", session, signature); err != nil {
			c.t.Fatal(err)
		}
	}
}

// life is what was under way when a clock was set.
type life struct {
	people           []*Browser
	asked, recovered *Browser
	tokens           grant
	code             string
}

func (c clocks) live() (l life) {
	c.t.Helper()
	for _, who := range []string{"ada", "bert", "cleo"} {
		l.people = append(l.people, atHome(c.t, c.Stack, who+"@example.com"))
	}
	l.asked, l.recovered = NewBrowser(c.t), NewBrowser(c.t)
	l.asked.Open(c.URLs.UI + "/login")
	makePerson(c.t, c.Stack, "dora@example.com") // who gets no other mail
	l.recovered.Open(c.URLs.UI + "/recovery")
	l.recovered.answer(c.Stack, map[string]string{"email": "dora@example.com", "method": "code"})
	l.code, _ = mailed(c.t, c.Stack, "dora@example.com")
	l.tokens = tokensOf(c.t, c.Stack, l.people[0], "vault")
	if !introspects(c.t, c.Stack, l.tokens.Access) || alive(c.t, c.Stack, l.tokens.Access) != http.StatusOK {
		c.t.Fatal("the access token is dead at once")
	}
	return l
}

// signedIn counts the people who still are.
func (c clocks) signedIn(l life) (n int) {
	for _, b := range l.people {
		if b.whoami(c.Stack) != nil {
			n++
		}
	}
	return n
}

// introspection is what the admin API says of a token.
func (c clocks) introspection(token string) (out struct {
	Active   bool
	Exp, Iat int64
},
) {
	c.t.Helper()
	sendFor(c.t, postForm(c.t, c.URLs.HydraAdmin+"/admin/oauth2/introspect", url.Values{"token": {token}}), &out)
	return out
}

func TestTheClockJumpsForward(t *testing.T) {
	c := startClocks(t)
	l := c.live()
	moved := c.jump(time.Hour + time.Second)

	signedIn, active, info := c.signedIn(l), introspects(t, c.Stack, l.tokens.Access), alive(t, c.Stack, l.tokens.Access)
	if signedIn != len(l.people) || active || info != http.StatusUnauthorized {
		t.Errorf("got %d of %d sessions, an access token that is active: %t, userinfo %d", signedIn, len(l.people), active, info)
	}
	next := refresh(t, c.Stack, l.tokens.Refresh)
	if next.Status != http.StatusOK || !introspects(t, c.Stack, next.Access) {
		t.Errorf("the refresh token of 720h: got %d %s", next.Status, next.Error)
	}
	l.asked.Submit(selfService, map[string]string{"identifier": "bert@example.com", "password": password, "method": "password"})
	page := l.asked.URL.Path
	if l.asked.whoami(c.Stack) != nil || l.asked.Status >= http.StatusInternalServerError || l.asked.Page == nil {
		t.Errorf("the form of an hour ago: got %d at %s", l.asked.Status, l.asked.URL.Redacted())
	}
	l.recovered.Submit("form", map[string]string{"code": l.code, "method": "code"})
	if l.recovered.whoami(c.Stack) != nil || l.recovered.Status >= http.StatusInternalServerError {
		t.Errorf("the code of an hour ago: got %d at %s", l.recovered.Status, l.recovered.URL.Redacted())
	}
	tried.Report(t, "the clock goes an hour forward under sessions of 720h, tokens of 1h, open forms and a mailed code",
		"%d instants moved; %d of %d signed in; access token active: %t, userinfo %d, refresh %d; the old form: %d at %s; the old code: %d at %s",
		moved, signedIn, len(l.people), active, info, next.Status, l.asked.Status, page, l.recovered.Status, l.recovered.URL.Path)
}

func TestTheClockJumpsBack(t *testing.T) {
	c := startClocks(t)
	l := c.live()
	granted := c.introspection(l.tokens.Access)
	moved := c.jump(-time.Hour)

	signedIn, now := c.signedIn(l), c.introspection(l.tokens.Access)
	if signedIn != len(l.people) || !now.Active || alive(t, c.Stack, l.tokens.Access) != http.StatusOK {
		t.Errorf("got %d of %d sessions, and an access token that is active: %t", signedIn, len(l.people), now.Active)
	}
	longer := time.Duration(now.Exp-granted.Exp) * time.Second
	if longer > time.Hour+time.Second {
		t.Errorf("the access token lives %s longer, want no more than the jump", longer)
	}
	next := refresh(t, c.Stack, l.tokens.Refresh)
	if next.Status != http.StatusOK {
		t.Errorf("the refresh token: got %d %s", next.Status, next.Error)
	}
	l.recovered.Submit("form", map[string]string{"code": l.code, "method": "code"})
	if l.recovered.whoami(c.Stack) == nil {
		t.Errorf("the mailed code: got %d at %s", l.recovered.Status, l.recovered.URL.Redacted())
	}
	again := c.authorize(l.people[0], "")
	silent := c.authorize(l.people[0], "&prompt=none")
	if again != "code" || silent != "code" {
		t.Errorf("an application that is opened again, and one that asks silently: got %q and %q, want codes", again, silent)
	}
	assertions := c.assertionsOfAClockAhead(0, -time.Minute, time.Minute, -time.Hour)
	want := []string{"0s: 200 ", "-1m0s: 200 ", "1m0s: 401 invalid_client", "-1h0m0s: 401 invalid_client"}
	tried.Report(t, "client assertions of 5 minutes of clocks that are ahead by so much", "%s", strings.Join(assertions, "; "))
	if diff := cmp.Diff(want, assertions); diff != "" {
		t.Errorf("client assertions (-want +got):\n%s", diff)
	}
	// The sign-in of before is no answer to prompt=login, which comes last since it asks for the password.
	asks := c.authorize(l.people[1], "&prompt=login")
	if asks != "200 at /login" {
		t.Errorf("prompt=login: got %s, want the page of sign-in", asks)
	}
	tried.Report(t, "the clock goes an hour back under sessions and tokens",
		"%d instants moved; %d of %d signed in; access token active: %t, %s longer than granted; refresh %d; an application opened again: %s, silently: %s, with prompt=login: %s",
		moved, signedIn, len(l.people), now.Active, longer, next.Status, again, silent, asks)
}

// assertionsOfAClockAhead are the answers to a client that signs for itself with a clock that is ahead by so much.
func (c clocks) assertionsOfAClockAhead(ahead ...time.Duration) (answers []string) {
	c.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	own := jose.JSONWebKey{Key: key, KeyID: "own", Algorithm: "ES256", Use: "sig"}
	post(c.t, c.URLs.HydraAdmin+"/admin/clients", map[string]any{
		"client_id": "signer", "grant_types": []string{"client_credentials"}, "token_endpoint_auth_method": "private_key_jwt",
		"token_endpoint_auth_signing_alg": "ES256", "jwks": jose.JSONWebKeySet{Keys: []jose.JSONWebKey{own.Public()}},
	})
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: own}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, by := range ahead {
		now := time.Now().Add(by)
		claims, err := json.Marshal(map[string]any{
			"iss": "signer", "sub": "signer", "aud": c.URLs.Hydra + "/oauth2/token", "jti": rand.Text(),
			"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		})
		if err != nil {
			c.t.Fatal(err)
		}
		signed, err := signer.Sign(claims)
		if err != nil {
			c.t.Fatal(err)
		}
		text, err := signed.CompactSerialize()
		if err != nil {
			c.t.Fatal(err)
		}
		var g grant
		status := sendFor(c.t, postForm(c.t, c.URLs.Hydra+"/oauth2/token", url.Values{
			"grant_type": {"client_credentials"}, "client_assertion": {text},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		}), &g)
		answers = append(answers, fmt.Sprintf("%s: %d %s", by, status, g.Error))
	}
	return answers
}

// TestSignInsOfTheFutureFail shows that the test above would notice.
func TestSignInsOfTheFutureFail(t *testing.T) {
	c := startClocks(t, Without("clocks of sign-ins"), UnfixedAPIs())
	ada := atHome(t, c.Stack, "ada@example.com")
	before := c.authorize(ada, "")
	c.jump(-time.Hour)
	after := c.authorize(ada, "")
	tried.Report(t, "an application opened before and after the clock went an hour back, as upstream does it", "%s, then %s", before, after)
	assertions := c.assertionsOfAClockAhead(time.Minute, -time.Hour)
	tried.Report(t, "client assertions of clocks that are ahead by so much, as upstream does it", "%s", strings.Join(assertions, "; "))
	for _, one := range assertions {
		if !strings.Contains(one, ": 500 ") {
			t.Errorf("got %s: the test above proves nothing", one)
		}
	}
	if before != "code" || !strings.HasPrefix(after, "server_error") {
		t.Errorf("got %s and %s: the test above proves nothing", before, after)
	}
}

// authorize sends a person to an application, and returns what it is brought: code, or the error.
func (c clocks) authorize(b *Browser, more string) string {
	c.t.Helper()
	b.Open(c.URLs.Hydra + "/oauth2/auth?" + authorization("vault") + more)
	if b.URL.Path == "/consent" {
		b.Submit("form", map[string]string{"action": "allow", "remember": "true"})
	}
	q := b.URL.Query()
	switch {
	case q.Get("code") != "":
		return "code"
	case q.Get("error") != "":
		return q.Get("error") + ": " + q.Get("error_description")
	}
	return fmt.Sprintf("%d at %s", b.Status, b.URL.Path)
}
