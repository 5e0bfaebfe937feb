package stacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
)

// staffSchema signs in by a name, and has names in an object.
const staffSchema = `{"type": "object", "properties": {"traits": {"type": "object", "additionalProperties": false, "required": ["mail", "login"], "properties": {
	"mail": {"type": "string", "format": "email", "ory.sh/kratos": {"verification": {"via": "email"}, "recovery": {"via": "email"}}},
	"login": {"type": "string", "ory.sh/kratos": {"credentials": {"password": {"identifier": true}}}},
	"name": {"type": "object", "properties": {"full": {"type": "string", "maxLength": 20}}}}}}}`

type walked struct {
	Checked, Moved int
	Faults         []struct{ Identity, At, Reason string }
	Next           string
}

func walkPeople(t testing.TB, s *Stack, what string, body map[string]any) (walked, int) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.KratosAdmin+"/admin/identityd/schemas/"+what, strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out walked
	if res.StatusCode == http.StatusOK {
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
	}
	return out, res.StatusCode
}

func TestPeopleMoveToANewSchema(t *testing.T) {
	file := filepath.Join(t.TempDir(), "staff.schema.json")
	if err := os.WriteFile(file, []byte(staffSchema), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := append(onPostgres(t, pgtest.Shared(t)), withFiles(t, map[string]string{"identity_schemas": "staff: file://" + file + "\n"}))
	a := Start(t, opts...)
	const all = 30
	mapped := map[string]any{"email": "mail", "name": "name.full"}
	var people []map[string]any
	for n := range all {
		id := fmt.Sprintf("m%d", n)
		people = append(people, someoneFrom(id, map[string]any{
			"traits": map[string]any{"email": id + "@example.com", "name": "Old"}, "verified": []string{id + "@example.com"}, "password_hash": importedBcrypt,
		}))
	}
	made, _ := importPeople(t, a, people...)

	t.Run("nobody fits a schema that asks for more, and nothing of theirs is told", func(t *testing.T) {
		got, status := walkPeople(t, a, "migrate", map[string]any{"from": "email@1", "to": "staff", "map": mapped, "limit": 100})
		if status != http.StatusOK || got.Moved != 0 || len(got.Faults) != all {
			t.Fatalf("got %d: %+v", status, got)
		}
		for _, f := range got.Faults {
			if f.At != "traits" || strings.Contains(f.Reason, "example.com") {
				t.Errorf("got %+v", f)
			}
		}
	})
	mapped["email"] = "login" // what they sign in with is another trait, and the address is nobody's any more
	got, _ := walkPeople(t, a, "check", map[string]any{"schema_id": "staff", "map": map[string]any{"email": "mail"}, "limit": 7})
	if got.Checked != 7 || len(got.Faults) != 14 || got.Next == "" {
		t.Fatalf("a page of seven: got %+v", got)
	}
	// Whoever is moved while they change themselves, at another replica, loses nothing.
	relaxed := strings.Replace(staffSchema, `"required": ["mail", "login"]`, `"required": ["login"]`, 1)
	if err := os.WriteFile(file, []byte(relaxed), 0o600); err != nil {
		t.Fatal(err)
	}
	b, c := Start(t, opts...), Start(t, opts...)
	t.Run("people change themselves meanwhile, and lose nothing", func(t *testing.T) {
		var wg sync.WaitGroup
		for n := range all {
			wg.Go(func() {
				// As the settings do: what was read before is written, under whichever schema it was.
				status, body := asAdmin(t, b, http.MethodPatch, "/admin/identities/"+made.People[n].ID, []any{
					map[string]any{"op": "add", "path": "/metadata_public", "value": map[string]any{"mine": n}},
				})
				if status != http.StatusOK {
					t.Errorf("got %d: %s", status, body)
				}
			})
		}
		moved := 0
		wg.Go(func() {
			got, _ := walkPeople(t, c, "migrate", map[string]any{"from": "email@1", "to": "staff", "map": mapped, "limit": 100})
			moved = got.Moved
		})
		wg.Wait()
		if moved != all {
			t.Errorf("got %d moved, want %d", moved, all)
		}
		// Whom a change took back is found by the next pass.
		if got, status := walkPeople(t, c, "migrate", map[string]any{"from": "email@1", "to": "staff", "map": mapped, "limit": 100}); status != http.StatusOK || len(got.Faults) > 0 {
			t.Errorf("got %d %+v", status, got)
		}
		for n := range all {
			var p struct {
				Schema string         `json:"schema_id"`
				Traits map[string]any `json:"traits"`
				Public map[string]any `json:"metadata_public"`
			}
			get(t, b.URLs.KratosAdmin+"/admin/identities/"+made.People[n].ID, &p)
			want := map[string]any{"login": fmt.Sprintf("m%d@example.com", n), "name": map[string]any{"full": "Old"}}
			if diff := cmp.Diff(want, p.Traits); diff != "" || p.Schema != "staff" || p.Public["mine"] != float64(n) {
				t.Errorf("got %+v (-want +got):\n%s", p, diff)
			}
		}
	})
	t.Run("they sign in as before, and addresses follow the schema", func(t *testing.T) {
		if got := tryPassword(t, c, "m3@example.com", password); got.status != http.StatusOK {
			t.Errorf("got %d: %s", got.status, got.body)
		}
		if _, body := asAdmin(t, c, http.MethodGet, "/admin/identities/"+made.People[3].ID, nil); strings.Contains(body, `"via":"email"`) {
			t.Errorf("an address is left that the schema has no place for: %s", body)
		}
	})
	t.Run("two who would have the same name do not both get it", func(t *testing.T) {
		made, _ := importPeople(t, c, someoneFrom("twin", nil))
		status, body := asAdmin(t, c, http.MethodPatch, "/admin/identities/"+made.People[0].ID, []any{map[string]any{"op": "add", "path": "/traits/name", "value": "m5@example.com"}})
		if status != http.StatusOK {
			t.Fatalf("got %d: %s", status, body)
		}
		for _, dry := range []bool{true, false} {
			got, _ := walkPeople(t, c, "migrate", map[string]any{"from": "email@1", "to": "staff", "map": map[string]any{"name": "login", "email": "-"}, "limit": 100, "dry_run": dry})
			if got.Moved != 0 || len(got.Faults) != 1 || !strings.HasPrefix(got.Faults[0].Reason, "somebody else has") {
				t.Errorf("dry %v: got %+v", dry, got)
			}
		}
	})
	t.Run("a schema that refers elsewhere is not fetched", func(t *testing.T) {
		body := map[string]any{"schema": map[string]any{"properties": map[string]any{"traits": map[string]any{"$ref": a.URLs.UI}}}, "limit": 1}
		if _, status := walkPeople(t, a, "check", body); status != http.StatusBadRequest {
			t.Errorf("got %d", status)
		}
	})
}
