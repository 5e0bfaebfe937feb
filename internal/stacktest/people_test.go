package stacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/identityd/internal/tried"
)

// lookAlikes are addresses that look like ada@example.com, or like another.
func lookAlikes() []string {
	return []string{
		"ada\u200b@example.com", "\u202eada@example.com", "аda@example.com", "ａda@example.com", "ada@xn--exmple-4nf.com", "e\u0301mile@example.com",
	}
}

// costlyHash asks a sign-in for 4 GiB.
const costlyHash = "$argon2id$v=19$m=4194304,t=3,p=4$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"

func asAdmin(t *testing.T, s *Stack, method, path string, body any) (int, string) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URLs.KratosAdmin+path, strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return send(t, req)
}

func personWith(email, hash string) map[string]any {
	p := map[string]any{"schema_id": "email@1", "traits": map[string]any{"email": email}}
	if hash != "" {
		p["credentials"] = map[string]any{"password": map[string]any{"config": map[string]any{"hashed_password": hash}}}
	}
	return p
}

// peopleDoors try to store somebody with an address, by each way there is. The person is theirs to change.
func peopleDoors(t *testing.T, s *Stack, person, token, email string) map[string]int {
	t.Helper()
	got := map[string]int{}
	status, body := signUpWith(t, s, email, password)
	got["sign-up"] = status
	if status == http.StatusBadRequest && !strings.Contains(body, "the value holds") {
		t.Errorf("the form does not say why: %s", body)
	}
	f := nativeFlow(t, s, "/self-service/settings/api", token)
	raw, err := json.Marshal(map[string]any{"method": "profile", "traits": map[string]any{"email": email}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Kratos+"/self-service/settings?flow="+f.ID, strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Session-Token", token)
	got["settings"], _ = send(t, req)
	got["admin create"], _ = asAdmin(t, s, http.MethodPost, "/admin/identities", personWith(email, ""))
	replaced := personWith(email, "")
	replaced["state"] = "active"
	got["admin update"], _ = asAdmin(t, s, http.MethodPut, "/admin/identities/"+person, replaced)
	got["admin patch"], _ = asAdmin(t, s, http.MethodPatch, "/admin/identities/"+person, []any{
		map[string]any{"op": "replace", "path": "/traits/email", "value": email},
	})
	_, body = asAdmin(t, s, http.MethodPatch, "/admin/identities", map[string]any{"identities": []any{map[string]any{"create": personWith(email, "")}}})
	got["admin import"] = http.StatusOK
	if strings.Contains(body, `"action":"error"`) {
		got["admin import"] = http.StatusBadRequest
	}
	return got
}

func newPersonWithToken(t *testing.T, s *Stack, email string) (id, token string) {
	t.Helper()
	status, body := signUpWith(t, s, email, password)
	if status != http.StatusOK {
		t.Fatalf("got %d %s, want an account", status, body)
	}
	var made struct {
		Token    string `json:"session_token"`
		Identity struct{ ID string }
	}
	decodeJSON(t, strings.NewReader(body), &made)
	return made.Identity.ID, made.Token
}

// namesThatLookLikeOthers holds that nobody gets one, and that names are one whatever their case.
func namesThatLookLikeOthers(t *testing.T, s *Stack) {
	person, token := newPersonWithToken(t, s, "changing@example.com")
	sent, refused := 0, 0
	for _, email := range lookAlikes() {
		t.Run(fmt.Sprintf("nobody gets %+q", email), func(t *testing.T) {
			for door, status := range peopleDoors(t, s, person, token, email) {
				if sent++; status != http.StatusBadRequest {
					t.Errorf("%s: got %d", door, status)
					continue
				}
				refused++
			}
		})
	}
	t.Run("case makes no other name", func(t *testing.T) {
		if status, body := signUpWith(t, s, "CHANGING@Example.COM", password); status != http.StatusBadRequest || !strings.Contains(body, "4000007") {
			t.Errorf("a second account: got %d %s", status, body)
		}
		if status, body := apiLogin(t, s, "Changing@EXAMPLE.com", password); status != http.StatusOK {
			t.Errorf("a sign-in: got %d %s", status, body)
		}
	})
	tried.Report(t, "addresses that look like others, by a sign-up, the settings and four calls of the admin API", "%d of %d refused", refused, sent)
}

// hashesThatCostTooMuch holds that no import brings one, and that it does not stop the rest of the import.
func hashesThatCostTooMuch(t *testing.T, s *Stack) {
	status, body := asAdmin(t, s, http.MethodPost, "/admin/identities", personWith("costly@example.com", costlyHash))
	if status != http.StatusBadRequest || !strings.Contains(body, "beyond what a sign-in may cost") {
		t.Errorf("got %d %s", status, body)
	}
	const fine = "$2a$12$o6hx.Wog/wvFSkT/Bp/6DOxCtLRTDj7lm9on9suF/WaCGNVHbkfL6"
	_, all := asAdmin(t, s, http.MethodPatch, "/admin/identities", map[string]any{"identities": []any{
		map[string]any{"create": personWith("costly2@example.com", costlyHash)}, map[string]any{"create": personWith("fine@example.com", fine)},
	}})
	if strings.Count(all, `"action":"create"`) != 1 || strings.Count(all, `"action":"error"`) != 1 {
		t.Errorf("got %s, want one of each", all)
	}
	tried.Report(t, "importing a password hash that asks each sign-in for 4 GiB", "%d, and refused alone in an import of two", status)
}

// peopleUnjudged shows that the tests above would notice.
func peopleUnjudged(t *testing.T, s *Stack) {
	stored := 0
	for _, email := range lookAlikes() {
		if status, _ := asAdmin(t, s, http.MethodPost, "/admin/identities", personWith(email, "")); status == http.StatusCreated {
			stored++
		}
	}
	status, _ := asAdmin(t, s, http.MethodPost, "/admin/identities", personWith("costly@example.com", costlyHash))
	if stored < 4 || status != http.StatusCreated {
		t.Errorf("upstream stored %d look-alikes and answered the hash with %d: the tests above prove nothing", stored, status)
	}
	tried.Report(t, "the same without the checks", "%d of %d look-alikes stored, the hash answered with %d", stored, len(lookAlikes()), status)
}
