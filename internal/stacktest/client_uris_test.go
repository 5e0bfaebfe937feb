package stacktest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/tried"
)

// clientDoors are the ways by which an OAuth2 client is made or changed from outside.
type clientDoors struct {
	t *testing.T
	s *Stack
	// id is a client of the admin API, dynamic one that registered itself, with its token.
	id, dynamic, token string
}

func openClientDoors(t *testing.T, s *Stack) *clientDoors {
	t.Helper()
	d := &clientDoors{t: t, s: s}
	var made struct {
		ID    string `json:"client_id"`
		Token string `json:"registration_access_token"`
	}
	call(t, http.MethodPost, d.s.URLs.HydraAdmin+"/admin/clients", "application/json", `{}`, nil, &made)
	d.id = made.ID
	call(t, http.MethodPost, d.s.URLs.Hydra+"/oauth2/register", "application/json", `{"redirect_uris":["https://app.example.com/cb"]}`, nil, &made)
	d.dynamic, d.token = made.ID, made.Token
	return d
}

// try sends a client with one field set, by each door, and returns the statuses and what was said.
func (d *clientDoors) try(field string, value any) (statuses map[string]int, said string) {
	d.t.Helper()
	body, err := json.Marshal(map[string]any{field: value})
	if err != nil {
		d.t.Fatal(err)
	}
	// An application that registers itself has to say where it is.
	whole, err := json.Marshal(map[string]any{"redirect_uris": []string{"https://app.example.com/cb"}, field: value})
	if err != nil {
		d.t.Fatal(err)
	}
	patch, err := json.Marshal([]any{map[string]any{"op": "add", "path": "/" + field, "value": value}})
	if err != nil {
		d.t.Fatal(err)
	}
	statuses = map[string]int{}
	for _, door := range []struct{ name, method, target, body string }{
		{"create", http.MethodPost, d.s.URLs.HydraAdmin + "/admin/clients", string(body)},
		{"update", http.MethodPut, d.s.URLs.HydraAdmin + "/admin/clients/" + d.id, string(body)},
		{"patch", http.MethodPatch, d.s.URLs.HydraAdmin + "/admin/clients/" + d.id, string(patch)},
		{"register", http.MethodPost, d.s.URLs.Hydra + "/oauth2/register", string(whole)},
		{"change a registration", http.MethodPut, d.s.URLs.Hydra + "/oauth2/register/" + d.dynamic, string(whole)},
	} {
		req, err := http.NewRequestWithContext(d.t.Context(), door.method, door.target, strings.NewReader(door.body))
		if err != nil {
			d.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if strings.Contains(door.target, d.dynamic) {
			req.Header.Set("Authorization", "Bearer "+d.token)
		}
		status, answer := send(d.t, req)
		statuses[door.name], said = status, answer
		var changed struct {
			Token string `json:"registration_access_token"`
		}
		if json.Unmarshal([]byte(answer), &changed) == nil && changed.Token != "" && strings.Contains(door.target, d.dynamic) {
			d.token = changed.Token // each change makes a new one
		}
	}
	return statuses, said
}

// hostileClients are fields of a client with an address that a browser would run, or that is not what it
// looks like.
func hostileClients() map[string][]any {
	const run = "javascript:alert(document.cookie)"
	return map[string][]any{
		"client_uri":                {run, "data:text/html,x", "JaVaScRiPt://x.example/%0aalert(1)"},
		"policy_uri":                {run, "vbscript:x"},
		"tos_uri":                   {run, "https://u:p@app.example.com"},
		"logo_uri":                  {run, "data:image/svg+xml,x"},
		"jwks_uri":                  {run, "file:///etc/passwd"},
		"frontchannel_logout_uri":   {run},
		"backchannel_logout_uri":    {run},
		"redirect_uris":             {[]string{run}, []string{"data:text/html,x"}, []string{`https://app.example.com\@evil.example/`}},
		"request_uris":              {[]string{run}},
		"allowed_cors_origins":      {[]string{"https://*foo.com"}, []string{"https://*.co.uk"}},
		"post_logout_redirect_uris": {[]string{run}},
	}
}

// addressesOfClients holds that no client has an address that a browser runs.
func addressesOfClients(t *testing.T, s *Stack) {
	d := openClientDoors(t, s)
	sent, refused := 0, 0
	for field, values := range hostileClients() {
		t.Run(field+" with an address that runs is refused by every door", func(t *testing.T) {
			for _, value := range values {
				statuses, said := d.try(field, value)
				for door, status := range statuses {
					if sent++; status != http.StatusBadRequest {
						t.Errorf("%s with %v: got %d", door, value, status)
						continue
					}
					refused++
				}
				if !strings.Contains(said, `"invalid_`) {
					t.Errorf("got %s, want an error of RFC 7591", said)
				}
			}
		})
	}
	t.Run("what administrators wrote into its metadata outlasts a change that a client makes of itself", func(t *testing.T) {
		at := s.URLs.HydraAdmin + "/admin/clients/" + d.dynamic
		var made map[string]any
		call(t, http.MethodPatch, at, "application/json", `[{"op":"add","path":"/metadata/identityd_claims","value":["email"]}]`, nil, &made)
		if statuses, said := d.try("client_name", "Renamed"); statuses["change a registration"] != http.StatusOK || strings.Contains(said, "identityd_claims") {
			t.Fatalf("got %v and %s", statuses, said)
		}
		var now struct {
			Name     string `json:"client_name"`
			Metadata struct {
				Claims []string `json:"identityd_claims"`
			} `json:"metadata"`
		}
		call(t, http.MethodGet, at, "", "", nil, &now)
		if now.Name != "Renamed" || len(now.Metadata.Claims) != 1 {
			t.Errorf("got %+v, want the name changed and the claims kept", now)
		}
	})
	t.Run("a client as it should be passes every door", func(t *testing.T) {
		for field, value := range map[string]any{
			"client_uri": "https://app.example.com", "logo_uri": "http://app.example.com/logo.png", "policy_uri": "https://app.example.com/privacy#x",
			"redirect_uris": []string{"https://app.example.com/cb", "com.example.app:/cb", "http://127.0.0.1/cb"}, "allowed_cors_origins": []string{"https://app.example.com"},
		} {
			statuses, said := d.try(field, value)
			for door, status := range statuses {
				if status > http.StatusCreated {
					t.Errorf("%s with %s: got %d %s", door, field, status, said)
				}
			}
		}
	})
	tried.Report(t, "OAuth2 clients with addresses that a browser runs, by five doors", "%d of %d refused with 400", refused, sent)
}

// clientsUnchecked shows that the test above would notice.
func clientsUnchecked(t *testing.T, s *Stack) {
	d := openClientDoors(t, s)
	statuses, _ := d.try("client_uri", hostileClients()["client_uri"][0])
	stored := 0
	for _, status := range statuses {
		if status <= http.StatusCreated {
			stored++
		}
	}
	if stored != len(statuses) {
		t.Errorf("got %d of %d doors that let it in: the test above proves nothing", stored, len(statuses))
	}
	var client struct {
		URI string `json:"client_uri"`
	}
	call(t, http.MethodGet, d.s.URLs.HydraAdmin+"/admin/clients/"+url.PathEscape(d.id), "", "", nil, &client)
	tried.Report(t, "the same with the check switched off", "%d of %d doors stored %s", stored, len(statuses), client.URI)
}
