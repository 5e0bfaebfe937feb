package stacktest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/tried"
)

// storedKeys is what Kratos keeps of keys and passkeys.
func storedKeys(t *testing.T, passwordless bool, names ...string) string {
	t.Helper()
	var list []any
	for _, name := range names {
		list = append(list, map[string]any{
			"id": base64.StdEncoding.EncodeToString([]byte(name)), "public_key": "cHVibGlj", "attestation_type": "none",
			"display_name": name, "added_at": "2024-01-02T03:04:05Z", "is_passwordless": passwordless, "authenticator": map[string]any{"aaguid": nil, "sign_count": 0, "clone_warning": false},
		})
	}
	raw, err := json.Marshal(map[string]any{"credentials": list, "user_handle": "aGFuZGxl"})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// credential stores one as it comes of a ceremony in a browser, which TestDevelopment of browsertest holds.
func credential(t *testing.T, conn *pgx.Conn, person, kind, config string) {
	t.Helper()
	for _, statement := range []string{
		`DELETE FROM identity_credentials WHERE identity_id = $1 AND identity_credential_type_id = (SELECT id FROM identity_credential_types WHERE name = $2) AND $3::text IS NOT NULL`,
		`INSERT INTO identity_credentials (id, config, identity_credential_type_id, identity_id, created_at, updated_at, nid, version)
			SELECT gen_random_uuid(), $3::text::jsonb, t.id, i.id, now(), now(), i.nid, 1 FROM identities i, identity_credential_types t WHERE i.id = $1 AND t.name = $2`,
		`INSERT INTO identity_credential_identifiers (id, identifier, identity_credential_id, created_at, updated_at, nid, identity_credential_type_id)
			SELECT gen_random_uuid(), $1::text || $2, c.id, now(), now(), c.nid, c.identity_credential_type_id FROM identity_credentials c
			JOIN identity_credential_types t ON t.id = c.identity_credential_type_id WHERE c.identity_id = $1::text::uuid AND t.name = $2 AND $3::text IS NOT NULL`,
	} {
		if _, err := conn.Exec(t.Context(), statement, person, kind, config); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

type listedFactor struct {
	Kind, Key, Name string
	First           bool
	Left            *int `json:"codes_left"`
}

func factorsOf(t *testing.T, s *Stack, person string) (list []listedFactor, body string) {
	t.Helper()
	status, body := asAdmin(t, s, http.MethodGet, "/admin/identityd/identities/"+person+"/factors", nil)
	var out struct{ Factors []listedFactor }
	if err := json.Unmarshal([]byte(body), &out); err != nil || status != http.StatusOK {
		t.Fatalf("got %d: %s", status, body)
	}
	return out.Factors, body
}

func TestFactorsOfOthers(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	a, b := d.start(t), d.start(t)
	conn, err := pgx.Connect(t.Context(), d.server.DatabaseURL(d.kratos))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // the test is over
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DP"
	made, _ := importPeople(t, a,
		someoneFrom("tom", map[string]any{"password_hash": importedBcrypt, "totp_secret": secret, "verified": []string{"tom@example.com"}}),
		someoneFrom("pat", map[string]any{"verified": []string{"pat@example.com"}}))
	tom, pat := made.People[0].ID, made.People[1].ID
	credential(t, conn, tom, "lookup_secret", `{"recovery_codes": [{"code": "aaaaaaaa", "used_at": null}, {"code": "bbbbbbbb", "used_at": "2024-01-02T03:04:05Z"}]}`)
	credential(t, conn, tom, "webauthn", storedKeys(t, false, "blue", "red"))
	credential(t, conn, tom, "passkey", storedKeys(t, true, "phone", "laptop"))
	credential(t, conn, pat, "passkey", storedKeys(t, true, "only"))
	reset := func(s *Stack, person, kind, key string, force bool) (int, string) {
		t.Helper()
		return asAdmin(t, s, http.MethodPost, "/admin/identityd/identities/"+person+"/factors/reset", map[string]any{"kind": kind, "key": key, "force": force})
	}

	t.Run("are listed by kind and name, without a secret", func(t *testing.T) {
		list, body := factorsOf(t, b, tom)
		one := 1
		want := []listedFactor{
			{Kind: "lookup_secret", Left: &one},
			{Kind: "passkey", Key: "6c6170746f70", Name: "laptop", First: true},
			{Kind: "passkey", Key: "70686f6e65", Name: "phone", First: true},
			{Kind: "totp"},
			{Kind: "webauthn", Key: "626c7565", Name: "blue"},
			{Kind: "webauthn", Key: "726564", Name: "red"},
		}
		if diff := cmp.Diff(want, list); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for _, hidden := range []string{secret, "aaaaaaaa", "cHVibGlj", "aGFuZGxl"} {
			if strings.Contains(body, hidden) {
				t.Errorf("%s is shown", hidden)
			}
		}
	})
	t.Run("go one by one, and the access of the person with them, at every replica", func(t *testing.T) {
		tried := tryPassword(t, b, "tom@example.com", password)
		_, rest, _ := strings.Cut(tried.body, `"session_token":"`)
		token, _, _ := strings.Cut(rest, `"`)
		f := nativeFlow(t, b, "/self-service/login/api?aal=aal2", token)
		answerFlow(t, b, f, token, map[string]any{"method": "totp", "totp_code": totpCode(t, secret)})
		if got := nativeWhoami(t, b, token); got.AAL != "aal2" {
			t.Fatalf("got %+v", got)
		}
		status, body := reset(a, tom, "passkey", "7068", false)
		if status != http.StatusOK || !strings.Contains(body, `"phone"`) || strings.Contains(body, `"laptop"`) {
			t.Fatalf("got %d: %s", status, body)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URLs.Kratos+"/sessions/whoami", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Session-Token", token)
		if status, _ := send(t, req); status != http.StatusUnauthorized {
			t.Errorf("the session works after a factor was removed: got %d", status)
		}
		for kind, key := range map[string]string{"webauthn": "6", "totp": "", "lookup_secret": ""} {
			if status, body := reset(b, tom, kind, key, false); status != http.StatusOK {
				t.Errorf("%s: got %d: %s", kind, status, body)
			}
		}
		left, _ := factorsOf(t, a, tom)
		var kinds []string
		for _, f := range left {
			kinds = append(kinds, f.Kind+" "+f.Name)
		}
		if diff := cmp.Diff([]string{"passkey laptop", "webauthn red"}, kinds); diff != "" {
			t.Errorf("what is left (-want +got):\n%s", diff)
		}
		if got := tryPassword(t, a, "tom@example.com", password); got.status != http.StatusOK {
			t.Errorf("the password is lost: %d", got.status)
		}
	})
	t.Run("which are all somebody has stay without force", func(t *testing.T) {
		status, body := reset(a, pat, "all", "", false)
		if status != http.StatusConflict || !strings.Contains(body, "identity recovery-link") {
			t.Errorf("got %d: %s", status, body)
		}
		if list, _ := factorsOf(t, b, pat); len(list) != 1 {
			t.Fatalf("got %+v", list)
		}
		if status, body := reset(a, pat, "all", "", true); status != http.StatusOK {
			t.Errorf("with force: got %d: %s", status, body)
		}
		if list, _ := factorsOf(t, b, pat); len(list) != 0 {
			t.Errorf("got %+v", list)
		}
	})
	t.Run("that are not there are named so", func(t *testing.T) {
		for _, c := range []struct {
			kind, key string
			want      int
		}{{"totp", "", http.StatusNotFound}, {"passkey", "ff", http.StatusNotFound}, {"shoe", "", http.StatusBadRequest}} {
			if status, body := reset(a, tom, c.kind, c.key, false); status != c.want {
				t.Errorf("%s %s: got %d, want %d: %s", c.kind, c.key, status, c.want, body)
			}
		}
	})
	t.Run("are mourned by mail, and on record", func(t *testing.T) {
		mails, records := 0, 0
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline) && (mails < 5 || records < 5); {
			var sent []struct{ Recipient, Subject string }
			get(t, a.URLs.KratosAdmin+"/admin/courier/messages", &sent)
			mails = len(slices.DeleteFunc(sent, func(m struct{ Recipient, Subject string }) bool {
				return !strings.HasPrefix(m.Subject, "A way to sign in to")
			}))
			row := conn.QueryRow(t.Context(), "SELECT COUNT(*) FROM identityd_audit WHERE kind = 'FactorRemoved' AND details LIKE '%administrator%'")
			if err := row.Scan(&records); err != nil {
				t.Fatal(err)
			}
		}
		tried.Report(t, "a session with a passkey that an administrator removes at another replica", "the session is over, %d mails are queued and %d records written", mails, records)
		if mails != 5 || records != 5 {
			t.Errorf("got %d mails and %d records, want 5 of each", mails, records)
		}
	})
}
