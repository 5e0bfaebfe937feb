package peoplefile

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// exported is one person of each system, with a date of creation as it stands in the file.
func exported(from, date string) string {
	return strings.ReplaceAll(map[string]string{
		"auth0":    `{"user_id":"auth0|1","email":"a@example.com","created_at":DATE}`,
		"keycloak": `{"users":[{"id":"1","email":"a@example.com","createdTimestamp":DATE}]}`,
		"firebase": `{"users":[{"localId":"1","email":"a@example.com","createdAt":DATE}]}`,
		"cognito":  `{"Users":[{"Username":"1","UserCreateDate":DATE,"Attributes":[{"Name":"email","Value":"a@example.com"}]}]}`,
	}[from], "DATE", date)
}

func read(t *testing.T, from, text string, o Options) ([]Person, []string) {
	t.Helper()
	o.Traits = map[string]bool{"email": true}
	s, err := Recipe(from, strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return drain(t, s)
}

func TestADateThatCannotBeReadIsToldAndNotLeftOut(t *testing.T) {
	keys := map[string]string{"auth0": "created_at", "keycloak": "createdTimestamp", "firebase": "createdAt", "cognito": "UserCreateDate"}
	for from, key := range keys {
		for name, date := range map[string]string{
			"a word":                      `"yesterday"`,
			"an object":                   `{"$date":"x"}`,
			"an instant before 1970":      `"1960-01-01T00:00:00Z"`,
			"an instant to come":          `"2999-01-01T00:00:00Z"`,
			"a number beyond all numbers": `99999999999999999999999`,
			"no number":                   `"NaN"`,
			"less than nothing":           `-86400000`,
			"a list":                      `[1]`,
		} {
			t.Run(name+" of "+from+" is a fault of its line", func(t *testing.T) {
				text := exported(from, date)
				people, faults := read(t, from, text, Options{})
				if len(people) != 0 || len(faults) != 1 {
					t.Fatalf("got %+v and %q", people, faults)
				}
				if want := "line 1: " + key + ": must be "; !strings.HasPrefix(faults[0], want) || !strings.Contains(faults[0], "--map "+key+"=-") {
					t.Errorf("got %q", faults[0])
				}
				people, faults = read(t, from, text, Options{Map: map[string]string{key: "-"}})
				if len(people) != 1 || len(faults) != 0 || people[0].CreatedAt != nil {
					t.Errorf("left out as the fault says: got %+v and %q", people, faults)
				}
			})
		}
	}
}

func TestDatesAreReadAsEachSystemWritesThem(t *testing.T) {
	at := time.Date(2020, 9, 13, 12, 26, 40, 0, time.UTC)
	for name, c := range map[string]struct {
		from, date string
		want       *time.Time
	}{
		"milliseconds of Keycloak":         {"keycloak", `1600000000000`, &at},
		"milliseconds of Firebase, a text": {"firebase", `"1600000000000"`, &at},
		"milliseconds of Firebase":         {"firebase", `1600000000000`, &at},
		"an instant of Auth0":              {"auth0", `"2020-09-13T12:26:40.000Z"`, &at},
		"an instant of Cognito":            {"cognito", `"2020-09-13T14:26:40.000000+02:00"`, &at},
		"seconds of the first aws":         {"cognito", `1600000000.000`, &at},
		"nothing of Keycloak":              {"keycloak", `null`, nil},
		"a nought of Keycloak":             {"keycloak", `0`, nil},
		"a nought of Firebase":             {"firebase", `"0"`, nil},
		"an empty text":                    {"auth0", `""`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			people, faults := read(t, c.from, exported(c.from, c.date), Options{})
			if len(people) != 1 || len(faults) != 0 {
				t.Fatalf("got %+v and %q", people, faults)
			}
			if diff := cmp.Diff(c.want, people[0].CreatedAt); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatHasNoPlaceIsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		from, text string
		want       Left
	}{
		"an account elsewhere without an id at Firebase": {
			"firebase", `{"users":[{"localId":"1","email":"a@example.com","providerUserInfo":[{"providerId":"google.com"},{"providerId":"password"}]}]}`,
			Left{"accounts at google without an id": 1},
		},
		"an account elsewhere without an id at Auth0": {
			"auth0", `{"user_id":"auth0|1","email":"a@example.com","identities":[{"provider":"github"},{"provider":"auth0","user_id":"1"}]}`,
			Left{"accounts at github without an id": 1},
		},
		"roles at applications": {
			"keycloak", `{"users":[{"id":"1","email":"a@example.com","clientRoles":{"shop":["admin"],"account":["view-profile"]},"federatedIdentities":[{"identityProvider":"google"}]}]}`,
			Left{"roles at applications (clientRoles)": 1, "accounts at google without an id": 1},
		},
		"a second factor that no export has": {
			"cognito", "cognito:username,email,cognito:mfa_enabled\na,a@example.com,TRUE\nb,b@example.com,false\n",
			Left{"second factors (cognito:mfa_enabled)": 1, "username": 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			left := Left{}
			if _, faults := read(t, c.from, c.text, Options{Left: left}); len(faults) != 0 {
				t.Errorf("got %q", faults)
			}
			if diff := cmp.Diff(c.want, left); diff != "" {
				t.Errorf("left out (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnAddressIsNotTakenForUnverifiedBecauseTheWordIsUnknown(t *testing.T) {
	_, faults := read(t, "cognito", "cognito:username,email,email_verified\na,a@example.com,perhaps\n", Options{})
	if diff := cmp.Diff([]string{"line 2: email_verified: must be true or false (got 7 letters)"}, faults); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAllValuesOfAnAttributeThatNamesGroups(t *testing.T) {
	const text = `{"users":[{"id":"1","email":"a@example.com","attributes":{"teams":["a","b"],"city":["Bonn","Kiel"]}}]}`
	left := Left{}
	people, faults := read(t, "keycloak", text, Options{Left: left, Map: map[string]string{"teams": "groups", "city": "metadata_public.city"}})
	if len(people) != 1 || len(faults) != 0 {
		t.Fatalf("got %+v and %q", people, faults)
	}
	want := map[string]any{"groups": []string{"a", "b"}, "city": "Bonn"}
	if diff := cmp.Diff(want, people[0].MetadataPublic); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	people, _ = read(t, "keycloak", exported("keycloak", "0"), Options{})
	if diff := cmp.Diff(map[string]any{"groups": []string{}}, people[0].MetadataPublic); diff != "" {
		t.Errorf("in no group (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Left{"further values of city": 1}, left); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
}
