package stacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/stack"
)

// declaring writes a file with two clients and two people, one of them with a password.
func declaring(t *testing.T, shop, people string) Option {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "first"), []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "second"), []byte("another "+password), 0o600); err != nil {
		t.Fatal(err)
	}
	return withFiles(t, map[string]string{
		"clients": fmt.Sprintf(`
- {id: shop, name: %s, secret: shop-secret-shop-secret, grant_types: [client_credentials], scope: read}
- {id: door, redirect_uris: ["https://app.invalid/callback"]}
`, shop),
		"identities": strings.ReplaceAll(people, "FOLDER", folder),
	})
}

const (
	peopleFirst = `
- {key: ada, traits: {email: ada@example.com}, password_file: FOLDER/first, metadata_admin: {groups: [staff]}}
- {key: bob, traits: {email: bob@example.com}}
`
	peopleLater = `
- {key: ada, traits: {email: ada@example.com}, password_file: FOLDER/second, metadata_admin: {groups: [staff, admins]}, verified_addresses: [Ada@example.com]}
`
)

func TestDeclaredResources(t *testing.T) {
	notOnStandIn(t, onSQLite)
	folder := filepath.Join(t.TempDir(), "data")
	declaredResources(t, folder, Set("data_dir", folder))
}

func TestDeclaredResourcesOnPostgres(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	set := map[string]string{}
	for _, o := range d.opts {
		o(set)
	}
	declaredResources(t, set["data_dir"], d.opts...)
}

func declaredResources(t *testing.T, folder string, opts ...Option) {
	opts = append(opts, Without("patience with hands"))
	s := Start(t, append(opts, declaring(t, "Shop", peopleFirst))...)
	t.Run("a person of the file signs in with the first password", func(t *testing.T) {
		if status := signsIn(t, s, "ada@example.com", password); status != http.StatusOK {
			t.Errorf("got %d", status)
		}
	})
	t.Run("a secret that was set by hand is drift, with who did it", func(t *testing.T) {
		var held map[string]any
		call(t, http.MethodGet, s.URLs.HydraAdmin+"/admin/clients/shop", "", "", nil, &held)
		held["client_secret"] = "by-hand-by-hand-by-hand"
		delete(held, "metadata") // the mark goes, and it stays the file's
		raw, err := json.Marshal(held)
		if err != nil {
			t.Fatal(err)
		}
		call(t, http.MethodPut, s.URLs.HydraAdmin+"/admin/clients/shop", "application/json", string(raw), nil, &held)
		until(t, "the trail knows who", func() bool {
			plan := planOf(t, folder)
			drift := plan.Drift()
			return len(plan.Actions) == 1 && len(drift) == 1 && drift[0].Name == "shop" && strings.HasPrefix(drift[0].By, "admin:")
		})
		until(t, "it is logged", func() bool {
			return strings.Contains(s.Log.String(), `"changed by other means than the file","kind":"client","key":"shop"`)
		})
		if got := metric(t, s, `identityd_declared_pending{kind="client",reason="drift"}`); got != "1" {
			t.Errorf("got %q", got)
		}
		if a, b := tokenStatus(t, s, "shop-secret-shop-secret"), tokenStatus(t, s, "by-hand-by-hand-by-hand"); a != 401 || b != 200 {
			t.Errorf("got %d with the secret of the file and %d with that by hand; nothing may take it back by itself", a, b)
		}
	})
	t.Run("another plan than the one that was looked at is refused, and the right one takes the change back", func(t *testing.T) {
		door := controlDoor(t, folder)
		wish := stack.DeclaredWish{Plan: "0000000000000000"}
		if err := door.Call(t.Context(), http.MethodPost, "/declared", wish, nil); err == nil || !strings.Contains(err.Error(), "has changed since") {
			t.Errorf("got %v", err)
		}
		var done stack.DeclaredResult
		wish.Plan = planOf(t, folder).ID
		if err := door.Call(t.Context(), http.MethodPost, "/declared", wish, &done); err != nil || len(done.Done) != 1 {
			t.Fatalf("got %v, %v", done, err)
		}
		if a, b := tokenStatus(t, s, "shop-secret-shop-secret"), tokenStatus(t, s, "by-hand-by-hand-by-hand"); a != 200 || b != 401 {
			t.Errorf("got %d with the secret of the file and %d with that by hand", a, b)
		}
	})
	t.Run("what the file does not name of a person is theirs", func(t *testing.T) {
		var list []map[string]any
		call(t, http.MethodGet, s.URLs.KratosAdmin+"/admin/identities?credentials_identifier=ada@example.com", "", "", nil, &list)
		patch := `[{"op":"add","path":"/metadata_public","value":{"seen":12345678901234567890}},{"op":"add","path":"/metadata_admin/team","value":"x"}]`
		call(t, http.MethodPatch, fmt.Sprintf("%s/admin/identities/%s", s.URLs.KratosAdmin, list[0]["id"]), "application/json", patch, nil, new(any))
		if plan := planOf(t, folder); plan.Changes() {
			t.Errorf("got %+v", plan)
		}
	})
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s = Start(t, append(opts, declaring(t, "Shop", peopleLater), Set("declared.drift", "repair"))...)
	t.Run("a later file proves an address, sets metadata, and leaves the password", func(t *testing.T) {
		want := map[string]string{
			"ada@example.com": "active true [admins staff] x 12345678901234567890",
			"bob@example.com": "inactive false []  ",
		}
		if diff := cmp.Diff(want, declaredPeople(t, s)); diff != "" {
			t.Error(diff)
		}
		if a, b := signsIn(t, s, "ada@example.com", password), signsIn(t, s, "ada@example.com", "another "+password); a != 200 || b == 200 {
			t.Errorf("got %d with the first password and %d with what the file says now", a, b)
		}
	})
	t.Run("a change by hand is taken back where the file says so", func(t *testing.T) {
		const patch = `[{"op":"replace","path":"/client_name","value":"By hand"}]`
		call(t, http.MethodPatch, s.URLs.HydraAdmin+"/admin/clients/shop", "application/json", patch, nil, new(any))
		until(t, "the name is back", func() bool { return clientName(t, s) == "Shop" })
	})
	t.Run("nothing is left to do, and nothing personal in the log", func(t *testing.T) {
		until(t, "nothing is left", func() bool { // it is written down after it was done
			plan := planOf(t, folder)
			return !plan.Changes() && plan.Verdict == "in_force"
		})
		for _, secret := range []string{"example.com", password, "shop-secret-shop-secret"} {
			for _, line := range strings.Split(s.Log.String(), "\n") {
				if strings.Contains(line, secret) && strings.Contains(line, "declar") {
					t.Errorf("%q is in %s", secret, line)
				}
			}
		}
	})
}

// TestAnUpgradeOfADeclaredClientUnderTwoReplicas rolls from one file to another, and back.
func TestAnUpgradeOfADeclaredClientUnderTwoReplicas(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	older, newer := declaring(t, "Old", peopleFirst), declaring(t, "New", peopleFirst)
	first := d.start(t, older)
	load := StartLoad(t, 2, Request{
		Name: "token", Method: http.MethodPost, URL: first.URLs.Hydra + "/oauth2/token", Body: "grant_type=client_credentials",
		Change: func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth("shop", "shop-secret-shop-secret")
		},
	})
	second := d.start(t, newer)
	if got := clientName(t, first); got != "New" {
		t.Fatalf("got %q after the first one of the upgrade", got)
	}
	third := d.start(t, older)
	if got := clientName(t, first); got != "New" || !strings.Contains(third.Log.String(), "a newer file declares clients") {
		t.Errorf("got %q after a replica came back with the old file", got)
	}
	fourth := d.start(t, newer)
	for name, s := range map[string]*Stack{"third": third, "fourth": fourth} {
		if strings.Contains(s.Log.String(), "oauth2 client") {
			t.Errorf("the %s replica changed a client", name)
		}
	}
	answers := load.Stop()
	if got := Statuses(answers); len(got) != 1 || got[http.StatusOK] == 0 {
		t.Errorf("got answers %v, want nothing but 200", got)
	}
	for _, s := range []*Stack{second, fourth} {
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	fifth := d.start(t, older)
	if got := clientName(t, fifth); got != "Old" {
		t.Errorf("got %q after nobody serves with the newer file any more", got)
	}
}

func clientName(t *testing.T, s *Stack) string {
	t.Helper()
	var c struct {
		Name string `json:"client_name"`
	}
	call(t, http.MethodGet, s.URLs.HydraAdmin+"/admin/clients/shop", "", "", nil, &c)
	return c.Name
}

func controlDoor(t *testing.T, folder string) *control.Client {
	t.Helper()
	door, err := control.Dial(folder)
	if err != nil {
		t.Fatal(err)
	}
	return door
}

func planOf(t *testing.T, folder string) (plan stack.DeclaredPlan) {
	t.Helper()
	if err := controlDoor(t, folder).Call(t.Context(), http.MethodGet, "/declared", nil, &plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

// signsIn returns the status of a sign-in.
func signsIn(t *testing.T, s *Stack, who, with string) int {
	t.Helper()
	flow := nativeFlow(t, s, "/self-service/login/api", "")
	req := postForm(t, flow.UI.Action, url.Values{"method": {"password"}, "identifier": {who}, "password": {with}})
	return sendFor(t, req, nil)
}

// tokenStatus returns the status that the client shop gets with a secret.
func tokenStatus(t *testing.T, s *Stack, secret string) int {
	t.Helper()
	req := postForm(t, s.URLs.Hydra+"/oauth2/token", url.Values{"grant_type": {"client_credentials"}})
	req.SetBasicAuth("shop", secret)
	return sendFor(t, req, nil)
}

// declaredPeople says of each person their state, whether the address is proved, and their groups.
func declaredPeople(t *testing.T, s *Stack) map[string]string {
	t.Helper()
	var list []struct {
		State     string `json:"state"`
		Addresses []struct {
			Value    string `json:"value"`
			Verified bool   `json:"verified"`
		} `json:"verifiable_addresses"`
		Admin struct {
			Groups []string `json:"groups"`
			Team   string   `json:"team"`
		} `json:"metadata_admin"`
		Public struct {
			Seen json.Number `json:"seen"`
		} `json:"metadata_public"`
	}
	call(t, http.MethodGet, s.URLs.KratosAdmin+"/admin/identities", "", "", nil, &list)
	out := map[string]string{}
	for _, p := range list {
		groups := append([]string{}, p.Admin.Groups...)
		slices.Sort(groups)
		for _, a := range p.Addresses {
			out[a.Value] = fmt.Sprintf("%s %t %v %s %s", p.State, a.Verified, groups, p.Admin.Team, p.Public.Seen)
		}
	}
	return out
}
