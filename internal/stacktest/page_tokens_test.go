package stacktest

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"example.com/identityd/internal/tried"
)

// forgedPageTokens sends what GO-2026-4801 and GO-2026-4807 are about: tokens with names of columns in
// them. The versions linked here take the names from the model and bind the values (X:
// pagination/keysetpagination), which this is the proof of.
func forgedPageTokens(t *testing.T, s *Stack) {
	member(t, s, "paged@example.com")
	const wait = "1;SELECT pg_sleep(20)--"
	tokens := []string{
		"'", `"`, "';--", "1' OR '1'='1", "00000000-0000-0000-0000-000000000000'", wait, "\x00", "%00", "-1", "99999999999999999999",
		// The key set tokens of ory/x: name and value, escaped or not.
		"id/1", `id"/1`, `id; DROP TABLE identities;--/1`, `id"=1 OR 1=1--=x`, "id=" + url.QueryEscape(wait), `created_at"); SELECT pg_sleep(20);--=1`,
		"id=1/created_at=2/nid=3", "(CASE WHEN 1=1 THEN id ELSE nid END)=1", "=/=/=",
	}
	for _, text := range []string{
		`{"offset":"1;SELECT pg_sleep(20)","v":2}`, `{"offset":"-1","v":2}`, `{"offset":1e9,"v":2}`, `{"id\";--":"1"}`, `{"page":"'","v":1}`, `[[["a"]]]`,
	} {
		tokens = append(tokens, base64.RawURLEncoding.EncodeToString([]byte(text)), base64.StdEncoding.EncodeToString([]byte(text)))
	}
	lists := []string{
		s.URLs.KratosAdmin + "/admin/identities", s.URLs.KratosAdmin + "/admin/sessions", s.URLs.KratosAdmin + "/admin/courier/messages",
		s.URLs.KratosAdmin + "/schemas", s.URLs.HydraAdmin + "/admin/clients", s.URLs.HydraAdmin + "/admin/trust/grants/jwt-bearer/issuers",
		s.URLs.HydraAdmin + "/admin/oauth2/auth/sessions/consent",
	}
	database := regexp.MustCompile(`(?i)sqlstate|sql logic|sqlite|near ".*": syntax|no such (column|table)|unterminated|pgconn|\.go:`)
	counts, slowest := map[int]int{}, time.Duration(0)
	for _, list := range lists {
		for _, token := range tokens {
			for _, name := range []string{"page_token", "page", "page_size"} {
				began := time.Now()
				status, body := fetch(t, http.DefaultClient, http.MethodGet, list+"?subject=a&"+name+"="+url.QueryEscape(token), "")
				slowest = max(slowest, time.Since(began))
				counts[status]++
				if status >= http.StatusInternalServerError || database.MatchString(body) {
					t.Errorf("%s with %s=%q: got %d %s", list, name, token, status, body)
				}
			}
		}
	}
	if slowest > 15*time.Second {
		t.Errorf("the slowest answer took %s, as if the database had been told to sleep", slowest)
	}
	tried.Report(t, "forged page tokens at seven lists of both admin APIs", "%v by status, the slowest in %s", counts, slowest.Round(time.Millisecond))
}
