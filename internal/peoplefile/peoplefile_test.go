package peoplefile

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// drain reads everybody, and the faults.
func drain(t *testing.T, s Source) (people []Person, faults []string) {
	t.Helper()
	for {
		p, err := s.Next()
		var f *Fault
		switch {
		case errors.Is(err, io.EOF):
			return people, faults
		case errors.As(err, &f):
			faults = append(faults, f.Error())
		case err != nil:
			t.Fatal(err)
		default:
			people = append(people, *p)
		}
	}
}

func TestTables(t *testing.T) {
	s, err := CSV(strings.NewReader("\xEF\xBB\xBFemail,Tel,groups,traits.name.first,email_verified,state\r\n"+
		"Anna@Example.com,+491,\"a; b|c\",Anna,TRUE,blocked\r\n\"b@example.com\n\",,,,,\r\n,,,,,\r\n"), map[string]string{"Tel": "phone"})
	if err != nil {
		t.Fatal(err)
	}
	got, faults := drain(t, s)
	want := []Person{
		{
			Line: 2, ExternalID: "anna@example.com", State: "inactive", Verified: []string{"Anna@Example.com"},
			Traits:         map[string]any{"email": "Anna@Example.com", "phone": "+491", "name": map[string]any{"first": "Anna"}},
			MetadataPublic: map[string]any{"groups": []string{"a", "b", "c"}},
		},
		{Line: 3, ExternalID: "b@example.com", Traits: map[string]any{"email": "b@example.com"}, MetadataPublic: map[string]any{"groups": []string{}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"line 5: it has no traits; a person needs what the identity schema asks for, such as an email"}, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	for name, c := range map[string]struct{ text, want string }{
		"an unknown column":       {"email,Shoe\n", `column "Shoe" has no meaning`},
		"semicolons":              {"email;name\n", "separated by commas"},
		"two columns of one":      {"email,traits.email,email\n", "two columns go to email"},
		"nothing":                 {"", "the file is empty"},
		"a place without a name":  {"email,traits.\n", `column "traits." has no meaning`},
		"a place with empty ones": {"email,traits..x\n", `column "traits..x" has no meaning`},
	} {
		t.Run(name+" is refused at once", func(t *testing.T) {
			_, err := CSV(strings.NewReader(c.text), nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := CSV(strings.NewReader("email\n"), map[string]string{"Mail": "email"}); err == nil {
		t.Error("a mapping of a column that is not there is taken")
	}
}

func TestLines(t *testing.T) {
	const text = `{"email":"a@example.com","groups":["x"],"traits":{"name":{"last":"B"}},"metadata_admin":{"n":12345678901234567890}}

{"email":"b@example.com","shoe":1}
{"email":"c@example.com","groups":[1]}
[]
{"traits":{"email":"d@example.com"},"credentials":{"password":{"config":{"password":"hunter2"}}}}
{"traits":{"email":"e@example.com"},"verifiable_addresses":[{"value":"e@example.com","via":"email","verified":true},{"value":"f@example.com","via":"email"}]}
{"email":"g@example.com"} {"email":"h@example.com"}
`
	got, faults := drain(t, JSONLines(strings.NewReader(text), nil))
	if len(got) != 2 || got[0].Line != 1 || got[1].Line != 7 || !slices.Equal(got[1].Verified, []string{"e@example.com"}) {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff(`12345678901234567890`, got[0].MetadataAdmin["n"].(interface{ String() string }).String()); diff != "" {
		t.Error(diff)
	}
	want := []string{
		`line 3: column "shoe" has no meaning`, "line 4: groups: must be a list of texts", "line 5: it is no JSON object",
		"line 6: credentials.password.config.password: a password in clear is not imported",
		"line 8: it must be one JSON object",
	}
	if len(faults) != len(want) {
		t.Fatalf("got %q", faults)
	}
	for i := range want {
		if !strings.HasPrefix(faults[i], want[i]) || strings.Contains(faults[i], "hunter2") {
			t.Errorf("got %q, want %q", faults[i], want[i])
		}
	}
}

func TestAListIsNamedAsOne(t *testing.T) {
	_, err := JSONLines(strings.NewReader(`[{"email":"a@example.com"}]`), nil).Next()
	if err == nil || !strings.Contains(err.Error(), "write one object a line instead") {
		t.Errorf("got %v", err)
	}
}

func TestHashes(t *testing.T) {
	for name, c := range map[string]string{
		"argon2 with padding":      "$argon2id$v=19$m=1024,t=2,p=1$c2FsdA==$aGFzaA==",
		"argon2 of an old version": "$argon2id$v=16$m=1024,t=2,p=1$c2FsdA$aGFzaA",
		"a bcrypt that is short":   "$2b$10$short",
		"a bcrypt that goes on":    "$2b$10$" + strings.Repeat("a", 53) + " ",
		"a password":               "hunter2",
		"hex":                      "5f4dcc3b5aa765d61d8327deb882cf99",
		"SSHA without a salt":      "{SSHA}qrsqrsqrsqrsqrsqrsqrsqrsqrs=",
		"nothing after the kind":   "$scrypt$",
		"a kind that nobody has":   "$pbkdf2-sha256$x$y$z",
	} {
		t.Run(name+" is no hash", func(t *testing.T) {
			got, err := Hash(c)
			if err == nil {
				t.Fatalf("got %q", got)
			}
			if strings.Contains(err.Error(), c) {
				t.Errorf("the value is told: %v", err)
			}
		})
	}
}

func TestRecipesRefuseWhatIsNotTheirs(t *testing.T) {
	for name, c := range map[string]struct{ from, text, want string }{
		"a list for Keycloak":       {"keycloak", `[1,2]`, "there is no list"},
		"users that are no list":    {"firebase", `{"users": {}}`, `"users" is no list`},
		"half a file":               {"keycloak", `{"users": [{"id":"1","email":"a@example.com"},{"id"`, "reading an export"},
		"a table of somebody else":  {"cognito", "email,name\n", "no column cognito:username"},
		"an empty file for Cognito": {"cognito", "", "the file is empty"},
		"a system that is unknown":  {"sap", "", "there is no recipe"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Recipe(c.from, strings.NewReader(c.text), Options{Traits: map[string]bool{"email": true}})
			for err == nil {
				_, err = s.Next()
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	for _, text := range []string{"", "algorithm: BCRYPT", "algorithm: SCRYPT", "algorithm: SCRYPT, base64_signer_key: AAAA, base64_salt_separator: Bw==, rounds: 99, mem_cost: 14"} {
		if _, err := readHashConfig(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func FuzzFilesNeverPanic(f *testing.F) {
	f.Add("email,name\na@example.com,b\n")
	f.Add(`{"users":[{"id":"1","email":"a@example.com","credentials":[{"type":"password","secretData":"{}","credentialData":"{}"}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		o := Options{Traits: map[string]bool{"email": true}, HashConfig: ""}
		sources := []Source{JSONLines(strings.NewReader(text), nil)}
		if s, err := CSV(strings.NewReader(text), nil); err == nil {
			sources = append(sources, s)
		}
		for _, from := range Recipes() {
			if s, err := Recipe(from, strings.NewReader(text), o); err == nil {
				sources = append(sources, s)
			}
		}
		for _, s := range sources {
			for {
				_, err := s.Next()
				var fault *Fault
				if err != nil && !errors.As(err, &fault) {
					break
				}
			}
		}
	})
}
