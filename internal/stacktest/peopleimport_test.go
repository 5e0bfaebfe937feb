package stacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/tried"
)

// importAnswer is what the admin API says of an import.
type importAnswer struct {
	People []struct {
		Line    int
		Outcome string
		ID      string
		Kept    []string
		Faults  []struct{ Field, Reason string }
	}
}

func (a importAnswer) outcomes() map[string]int {
	out := map[string]int{}
	for _, p := range a.People {
		out[p.Outcome]++
	}
	return out
}

func importPeople(t testing.TB, s *Stack, people ...map[string]any) (out importAnswer, status int) {
	t.Helper()
	for n, p := range people {
		p["line"] = n + 1
	}
	raw, err := json.Marshal(map[string]any{"people": people})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.KratosAdmin+"/admin/identityd/identities/import", strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
	}
	return out, res.StatusCode
}

func someoneFrom(id string, more map[string]any) map[string]any {
	p := map[string]any{"external_id": id, "traits": map[string]any{"email": id + "@example.com"}}
	for k, v := range more {
		p[k] = v
	}
	return p
}

func TestPeopleWhoWereImported(t *testing.T) {
	opts := onPostgres(t, pgtest.Shared(t))
	a, b := Start(t, opts...), Start(t, opts...)
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DP"
	whole := map[string]any{"password_hash": importedBcrypt, "totp_secret": secret, "verified": []string{"ada@example.com"}}

	t.Run("sign in at another replica, with the password and the code of the app that they had", func(t *testing.T) {
		got, status := importPeople(t, a, someoneFrom("ada", whole))
		if status != http.StatusOK || got.People[0].Outcome != "created" {
			t.Fatalf("got %d: %+v", status, got)
		}
		tried := tryPassword(t, b, "ada@example.com", password)
		_, rest, _ := strings.Cut(tried.body, `"session_token":"`)
		token, _, _ := strings.Cut(rest, `"`)
		if tried.status != http.StatusOK || token == "" {
			t.Fatalf("got %d: %s", tried.status, tried.body)
		}
		f := nativeFlow(t, b, "/self-service/login/api?aal=aal2", token)
		answerFlow(t, b, f, token, map[string]any{"method": "totp", "totp_code": totpCode(t, secret)})
		if got := nativeWhoami(t, b, token); got.AAL != "aal2" || got.Identity.ID == "" {
			t.Errorf("got %+v", got)
		}
		if hash := storedPasswordOf(t, b, got.People[0].ID).Config.Hash; !strings.HasPrefix(hash, todaysArgon2) {
			t.Errorf("got %s, want the password hashed anew", hash)
		}
	})
	t.Run("are one each when two replicas import the same", func(t *testing.T) {
		var people []map[string]any
		for n := range 40 {
			people = append(people, someoneFrom(fmt.Sprintf("twin%d", n), nil))
		}
		var wg sync.WaitGroup
		for _, s := range []*Stack{a, b} {
			own := make([]map[string]any, len(people))
			for i, p := range people {
				own[i] = someoneFrom(p["external_id"].(string), nil)
			}
			wg.Go(func() { importPeople(t, s, own...) })
		}
		wg.Wait()
		// Whichever was refused is run again, as the command says.
		got, status := importPeople(t, a, people...)
		if diff := cmp.Diff(map[string]int{"unchanged": 40}, got.outcomes()); status != http.StatusOK || diff != "" {
			t.Errorf("got %d (-want +got):\n%s", status, diff)
		}
	})
	t.Run("do not go with one who is refused", func(t *testing.T) {
		got, _ := importPeople(t, b, someoneFrom("new1", nil), someoneFrom("x", map[string]any{"traits": map[string]any{"email": "ada@example.com"}}), someoneFrom("new2", nil))
		if diff := cmp.Diff(map[string]int{"created": 2, "refused": 1}, got.outcomes()); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		status, body := asAdmin(t, a, http.MethodGet, "/admin/identities/"+got.People[0].ID, nil)
		if status != http.StatusOK {
			t.Errorf("who was created is not there: %d %s", status, body)
		}
	})
	t.Run("take nobody's account over by an address, and no password that was used here", func(t *testing.T) {
		stranger := imported(t, a, "stranger@example.com", importedBcrypt)
		theirs := "$pbkdf2-sha256$i=1000,l=32$b3RoZXItc2FsdC0xMjM$gcMkAPBlNTMCaPRTaMAeGPFlJEAJCMGqECqlZDkfuXU"
		got, _ := importPeople(t, b, someoneFrom("stranger", map[string]any{"password_hash": theirs}), someoneFrom("ada", map[string]any{"password_hash": theirs}))
		if got.People[0].Outcome != "refused" || len(got.People[1].Kept) != 1 {
			t.Errorf("got %+v", got)
		}
		for who, id := range map[string]string{"stranger": stranger, "ada": got.People[1].ID} {
			if hash := storedPasswordOf(t, a, id).Config.Hash; hash == theirs {
				t.Errorf("the file set the password of %s", who)
			}
		}
		tried.Report(t, "a file with the address of an account that no import made, and another hash for somebody who signed in since their import",
			"refused: %v; kept: %v", got.People[0].Faults, got.People[1].Kept)
	})
	t.Run("are kept in a batch patch of Kratos too, when another is in somebody's way", func(t *testing.T) {
		status, body := asAdmin(t, a, http.MethodPatch, "/admin/identities", map[string]any{"identities": []any{
			map[string]any{"create": personWith("patched@example.com", "")}, map[string]any{"create": personWith("ada@example.com", "")},
		}})
		if status != http.StatusOK || !strings.Contains(body, `"action":"error"`) {
			t.Fatalf("got %d: %s", status, body)
		}
		if _, list := asAdmin(t, a, http.MethodGet, "/admin/identities?credentials_identifier=patched@example.com", nil); !strings.Contains(list, "patched@example.com") {
			t.Errorf("the other one is gone: %s", list)
		}
	})
	t.Run("are made anew under their external id after they were deleted", func(t *testing.T) {
		first, _ := importPeople(t, a, someoneFrom("gone", nil))
		if status, body := asAdmin(t, a, http.MethodDelete, "/admin/identities/"+first.People[0].ID, nil); status != http.StatusNoContent {
			t.Fatalf("got %d: %s", status, body)
		}
		again, _ := importPeople(t, b, someoneFrom("gone", nil))
		if again.People[0].Outcome != "created" || again.People[0].ID == first.People[0].ID {
			t.Errorf("got %+v", again)
		}
	})
	t.Run("keep what they changed, unless the file says something else than before", func(t *testing.T) {
		one := func(name, phone string) map[string]any {
			return someoneFrom("keeper", map[string]any{"traits": map[string]any{"email": "keeper@example.com", "name": name}, "metadata_public": map[string]any{"phone": phone}})
		}
		first, _ := importPeople(t, a, one("Old", "1"))
		id := first.People[0].ID
		status, body := asAdmin(t, b, http.MethodPatch, "/admin/identities/"+id, []any{map[string]any{"op": "replace", "path": "/traits/name", "value": "Mine"}})
		if status != http.StatusOK {
			t.Fatalf("got %d: %s", status, body)
		}
		if got, _ := importPeople(t, a, one("Old", "2")); got.People[0].Outcome != "updated" {
			t.Fatalf("got %+v", got)
		}
		if _, body := asAdmin(t, b, http.MethodGet, "/admin/identities/"+id, nil); !strings.Contains(body, `"name":"Mine"`) || !strings.Contains(body, `"phone":"2"`) {
			t.Errorf("got %s", body)
		}
	})
}

// TestAHundredThousandPeople notes how long it takes; what it holds is that all of them are there, once.
func TestAHundredThousandPeople(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: it takes minutes; IDENTITYD_TEST_LONG=1 runs it")
	}
	for name, opts := range map[string][]Option{"SQLite": nil, "PostgreSQL": onPostgres(t, pgtest.Shared(t))} {
		t.Run(name, func(t *testing.T) {
			s := Start(t, opts...)
			began := time.Now()
			const all, batch = 100_000, 200
			for from := 0; from < all; from += batch {
				var people []map[string]any
				for n := range batch {
					people = append(people, someoneFrom(fmt.Sprintf("p%d", from+n), map[string]any{"password_hash": importedBcrypt}))
				}
				if got, status := importPeople(t, s, people...); got.outcomes()["created"] != batch {
					t.Fatalf("after %d: got %d %v", from, status, got.outcomes())
				}
			}
			took := time.Since(began)
			t.Logf("%d people in %s, %.0f a second", all, took.Round(time.Second), all/took.Seconds())
			var people []map[string]any
			for n := range batch {
				people = append(people, someoneFrom(fmt.Sprintf("p%d", n*500), map[string]any{"password_hash": importedBcrypt}))
			}
			if got, _ := importPeople(t, s, people...); got.outcomes()["unchanged"] != batch {
				t.Errorf("got %v", got.outcomes())
			}
		})
	}
}
