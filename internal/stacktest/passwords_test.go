package stacktest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/identityd/internal/tried"
)

// noService answers nothing: the lookups of passwords fail.
const noService = "127.0.0.1:1"

// badPasswords are new passwords of lovelace@example.com, by the number of Kratos' message.
func badPasswords() map[string]int {
	return map[string]int{
		"пароль12345":                      4000032, // 11 characters in 17 bytes
		strings.Repeat("long enough ", 22): 4000033,
		"Qwertyuiop123":                    4000034,
		"sunshine2024":                     4000034,
		"lovelace1815!!":                   4000031,
		"identityd-2026":                   4000031,
	}
}

func signUpWith(t *testing.T, s *Stack, email, chosen string) (int, string) {
	t.Helper()
	return apiFlow(t, s, "registration", map[string]any{
		"method": "password", "password": chosen, "traits": map[string]any{"email": email},
	})
}

// passwordsThatAttackersTry holds that nobody can choose one, at a sign-up or later.
func passwordsThatAttackersTry(t *testing.T, s *Stack) {
	status, body := signUpWith(t, s, "settled@example.com", password)
	if status != http.StatusOK {
		t.Fatalf("got %d %s, want an account", status, body)
	}
	var made struct {
		Token string `json:"session_token"`
	}
	decodeJSON(t, strings.NewReader(body), &made)
	refused := 0
	for chosen, id := range badPasswords() {
		t.Run(fmt.Sprintf("a new account does not get %.20s", chosen), func(t *testing.T) {
			status, body := signUpWith(t, s, "lovelace@example.com", chosen)
			if status != http.StatusBadRequest || !strings.Contains(body, fmt.Sprint(id)) {
				t.Errorf("got %d %s, want 400 with message %d", status, body, id)
				return
			}
			refused++
		})
	}
	t.Run("an account does not change to one", func(t *testing.T) {
		f := nativeFlow(t, s, "/self-service/settings/api", made.Token)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Kratos+"/self-service/settings?flow="+f.ID,
			strings.NewReader(`{"method":"password","password":"Qwertyuiop123"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Session-Token", made.Token)
		if status, body := send(t, req); status != http.StatusBadRequest || !strings.Contains(body, "4000034") {
			t.Errorf("got %d %s", status, body)
			return
		}
		refused++
	})
	t.Run("a service that does not answer is counted, and said", func(t *testing.T) {
		if got := metric(t, s, "identityd_breach_lookups_failed_total"); got == "" || got == "0" {
			t.Errorf("got %q failed lookups", got)
		}
		if !strings.Contains(s.Log.String(), "does not answer") {
			t.Error("nothing is in the log")
		}
	})
	tried.Report(t, "new passwords that are short, endless, listed or made of one's own name, while the service of breached ones is away",
		"%d of %d refused, %s lookups failed over to the list", refused, len(badPasswords())+1, metric(t, s, "identityd_breach_lookups_failed_total"))
}

// passwordsOfUpstream shows that the test above would notice.
func passwordsOfUpstream(t *testing.T, s *Stack) {
	taken := 0
	for chosen := range badPasswords() {
		if status, _ := signUpWith(t, s, fmt.Sprintf("lovelace%d@example.com", taken), chosen); status == http.StatusOK {
			taken++
		}
	}
	if taken < 4 {
		t.Errorf("upstream took %d of %d: the test above proves nothing", taken, len(badPasswords()))
	}
	tried.Report(t, "the same, judged as upstream does", "%d of %d taken", taken, len(badPasswords()))
}
