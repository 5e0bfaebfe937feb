//go:build unix

package scripttest

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/doctest"
)

// TestOtherSystemsAreLeft follows docs/guides/from-keycloak.md and from-zitadel.md with exports of both: people sign in with the password that they
// had, and clients have the ids and secrets that they had.
func TestOtherSystemsAreLeft(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("SKIP: there is no python3")
	}
	keycloak, zitadel := doctest.Of(t, "docs/guides/from-keycloak.md"), doctest.Of(t, "docs/guides/from-zitadel.md")
	if !doctest.Alone(t) {
		return
	}
	dir := t.TempDir()
	for _, name := range []string{"acme-realm.json", "response.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", "others", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// At the usual ports, so that the file says nothing of them and can be changed while it is served.
	g := &guide{reader: &doctest.Reader{Dir: dir, Bound: StartBound, Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}}}
	g.file(t, "profile: development\n")
	g.reader.Do(t, doctest.Block{Page: "this test", Text: "cd " + dir + " && exec identityd serve", Until: "Ctrl-C stops it."})
	said := ""
	for _, b := range append(keycloak, zitadel...) {
		if b.File != "" {
			g.write(t, b.File, b.Text)
			continue
		}
		said += g.reader.Do(t, b)
	}
	for _, want := range []string{"left out: realm-management", "left out: https://sp.example.com", "shop: write out the addresses of https://shop.example.com/*"} {
		if !strings.Contains(said, want) {
			t.Errorf("nobody says %q:\n%s", want, said)
		}
	}
	for who, want := range map[string]int{"kim256@example.com": http.StatusOK, "kimargon@example.com": http.StatusOK, "zoe@example.com": http.StatusOK, "max@example.com": http.StatusBadRequest} {
		if got := g.signsIn(t, "sign-in", who, "old-Passw0rd-77"); got != want {
			t.Errorf("%s signs in: got %d, want %d", who, got, want)
		}
	}
	asked := g.reader.Do(t, doctest.Block{Page: "this test", Text: "curl -s -u desk:k3yCl0akS3cretOfTheDeskX9wQvLm7p http://localhost:3000/oauth2/token -d grant_type=refresh_token -d refresh_token=none\n" +
		"curl -s -u nightly:n1ghtlyS3cretOfTheMachine0aZbYcX http://localhost:3000/oauth2/token -d grant_type=client_credentials\n" +
		"identityd identity get zoe@example.com --json"})
	if !strings.Contains(asked, `"invalid_grant"`) || !strings.Contains(asked, `"access_token"`) {
		t.Errorf("the secrets of the clients: got %s, want one taken and its token refused, and a token", asked)
	}
	var zoe struct {
		Public struct{ Roles []string } `json:"metadata_public"`
		Admin  map[string]string        `json:"metadata_admin"`
	}
	if err := json.Unmarshal([]byte(asked[strings.Index(asked, "{\n"):]), &zoe); err != nil {
		t.Fatalf("%v in %s", err, asked)
	}
	if len(zoe.Public.Roles) != 1 || zoe.Public.Roles[0] != "editor" || zoe.Admin["zitadel_org"] != "ACME" {
		t.Errorf("got %+v, want the role and the organization", zoe)
	}
}

// signsIn signs in by Kratos' API at the usual port, under the id of a request, and returns the status.
func (g *guide) signsIn(t *testing.T, id, who, password string) int {
	t.Helper()
	_, flow := g.asks(t, id+"-flow", "http://localhost:3000/self-service/login/api", "")
	ui, _ := flow["ui"].(map[string]any)
	action, _ := ui["action"].(string)
	if action == "" {
		t.Fatalf("got no flow: %v", flow)
	}
	body, err := json.Marshal(map[string]string{"method": "password", "identifier": who, "password": password})
	if err != nil {
		t.Fatal(err)
	}
	status, _ := g.asks(t, id, action, string(body))
	return status
}
