package stacktest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Stored passwords are all of the same one.
const (
	importedBcrypt = "$2a$05$jQ1hfpykc/MEeyl1fHaGpuvskfigzWrhMtxf20c9up/j56lRGyVwK"
	importedPBKDF2 = "$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHRzYWx0c2FsdA$qjaaBCeHJ+Vinoepvrrt+oUDe01ktnDjxBJfQcOe0QI"
	weakArgon2     = "$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$Yf5PmBtDVHhVxmrzCAtRc3KoW9g25TAhEXvUrsxx7vI"
	strongArgon2   = "$argon2id$v=19$m=32768,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$08Vzj24SOH24+LCjyo9hUsVMOrsb9NJGlq88K/y21/I"
	todaysArgon2   = "$argon2id$v=19$m=19456,t=2,p=1$"
)

// storedPassword is what an administrator sees of somebody's password.
type storedPassword struct {
	Created time.Time `json:"created_at"`
	Updated time.Time `json:"updated_at"`
	Config  struct {
		Hash string `json:"hashed_password"`
	} `json:"config"`
}

func storedPasswordOf(t *testing.T, s *Stack, id string) storedPassword {
	t.Helper()
	var out struct {
		Credentials map[string]storedPassword `json:"credentials"`
	}
	get(t, s.URLs.KratosAdmin+"/admin/identities/"+id+"?include_credential=password", &out)
	return out.Credentials["password"]
}

func imported(t *testing.T, s *Stack, email, hash string) string {
	t.Helper()
	status, body := asAdmin(t, s, http.MethodPost, "/admin/identities", personWith(email, hash))
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != http.StatusCreated {
		t.Fatalf("got %d: %s", status, body)
	}
	return made.ID
}

func TestPasswordsAreHashedAnewAtASignIn(t *testing.T) {
	s, db := auditedOnSQLite(t)
	signIn := func(email, secret string) (int, string) {
		t.Helper()
		got := tryPassword(t, s, email, secret)
		_, rest, _ := strings.Cut(got.body, `"session_token":"`)
		token, _, _ := strings.Cut(rest, `"`)
		return got.status, token
	}
	for name, hash := range map[string]string{"bcrypt": importedBcrypt, "pbkdf2": importedPBKDF2, "argon2": weakArgon2} {
		t.Run("one of "+name+" that falls behind, once and without a word", func(t *testing.T) {
			email := name + "@example.com"
			id := imported(t, s, email, hash)
			before := storedPasswordOf(t, s, id)
			if status, _ := signIn(email, "wrong-wrong-wrong"); status != http.StatusBadRequest {
				t.Fatalf("got %d for a wrong password", status)
			}
			if got := storedPasswordOf(t, s, id); got != before {
				t.Fatalf("after a wrong password: got %+v, want %+v", got, before)
			}
			status, first := signIn(email, password)
			if status != http.StatusOK {
				t.Fatalf("got %d", status)
			}
			after := storedPasswordOf(t, s, id)
			if !strings.HasPrefix(after.Config.Hash, todaysArgon2) {
				t.Fatalf("got %s, want a hash of today's", after.Config.Hash)
			}
			if !after.Created.Equal(before.Created) || !after.Updated.Equal(before.Updated) {
				t.Errorf("got the dates %s and %s, want %s and %s: the password is the same", after.Created, after.Updated, before.Created, before.Updated)
			}
			count := hashed(t, s, "kratos")
			if status, _ := signIn(email, password); status != http.StatusOK || storedPasswordOf(t, s, id) != after {
				t.Errorf("the second time: got %d and %+v, want %+v", status, storedPasswordOf(t, s, id), after)
			}
			if got := hashed(t, s, "kratos") - count; got != 1 {
				t.Errorf("the second sign-in hashed %d times, want once", got)
			}
			if nativeWhoami(t, s, first).Identity.ID != id {
				t.Error("the session from before has ended")
			}
		})
	}
	t.Run("one that is stronger stays", func(t *testing.T) {
		id := imported(t, s, "strong@example.com", strongArgon2)
		if status, _ := signIn("strong@example.com", password); status != http.StatusOK {
			t.Fatalf("got %d", status)
		}
		if got := storedPasswordOf(t, s, id).Config.Hash; got != strongArgon2 {
			t.Errorf("got %s, want the stronger one", got)
		}
	})
	t.Run("by a form of the pages too", func(t *testing.T) {
		id := imported(t, s, "form@example.com", weakArgon2)
		b := NewBrowser(t)
		b.Open(s.URLs.UI + "/login")
		b.answer(s, map[string]string{"identifier": "form@example.com", "password": password, "method": "password"})
		if b.whoami(s) == nil {
			t.Fatalf("signed in to nothing, at %s", b.URL.Redacted())
		}
		if got := storedPasswordOf(t, s, id).Config.Hash; !strings.HasPrefix(got, todaysArgon2) {
			t.Errorf("got %s, want a hash of today's", got)
		}
	})
	t.Run("and the trail tells of sign-ins, not of changed passwords", func(t *testing.T) {
		signIns := 0
		for _, line := range awaitRecords(t, db, 20) {
			if strings.HasPrefix(line, "PasswordChanged") || strings.HasPrefix(line, "ProfileChanged") || strings.HasPrefix(line, "IdentityUpdated") {
				t.Errorf("the trail says %s", line)
			}
			if strings.HasPrefix(line, "LoginSucceeded") {
				signIns++
			}
		}
		if signIns == 0 {
			t.Error("the trail tells of no sign-in")
		}
	})
}

// Upstream looks at the name of the algorithm alone.
func TestWithoutRenewingAWeakHashStays(t *testing.T) {
	s := Start(t, Without("renewing hashes"))
	id := imported(t, s, "weak@example.com", weakArgon2)
	if got := tryPassword(t, s, "weak@example.com", password); got.status != http.StatusOK {
		t.Fatalf("got %d: %s", got.status, got.body)
	}
	if got := storedPasswordOf(t, s, id).Config.Hash; got != weakArgon2 {
		t.Errorf("got %s, want what was stored", got)
	}
}
