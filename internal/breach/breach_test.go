package breach

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"example.com/identityd/internal/tried"
)

func TestListedPasswords(t *testing.T) {
	if Size() < 50000 {
		t.Fatalf("the list has %d entries", Size())
	}
	bad := []string{
		"qwertyuiop123", "QwertyUiop123", "administrator", "password1234", "Password2024!", "sunshine1234!", "1qaz2wsx3edc", "iloveyou1234", "123456789012",
		"abcdefghijkl", "aaaaaaaaaaaa", "abcabcabcabc", "passwordpassword", "987654321098", "!!dragonfly12", "Liverpool2023", "qwerty123456",
	}
	for _, password := range bad {
		t.Run(password+" is listed", func(t *testing.T) {
			if !Listed(password) {
				t.Error("got no")
			}
		})
	}
	good := []string{
		"correct horse battery staple", "kx7Qp2m9vLt4", "plum-otter-glacier-42", "Wachtmeister-Dimpfelmoser", "sunflower19482716", "тихая гавань у моря", "", "a",
		"3f9a1c7be2d4",
	}
	for _, password := range good {
		t.Run(password+" is not", func(t *testing.T) {
			if Listed(password) {
				t.Error("got yes")
			}
		})
	}
	caught := 0
	for _, password := range bad {
		if Listed(password) {
			caught++
		}
	}
	tried.Report(t, "passwords of 12 characters and more that attackers try, offline", "%d of %d refused by a list of %d entries", caught, len(bad), Size())
}

func TestRanges(t *testing.T) {
	const known = "a password of the service"
	answer := func(w http.ResponseWriter, r *http.Request) {
		sum := sha1.Sum([]byte(known))
		name := strings.ToUpper(hex.EncodeToString(sum[:]))
		fmt.Fprintf(w, "%s:0\r\n", strings.Repeat("A", 35))
		if strings.HasSuffix(r.URL.Path, name[:5]) {
			fmt.Fprintf(w, "%s:12\r\n", name[5:])
		}
	}
	asked := ""
	service := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path
		if r.Header.Get("Add-Padding") != "true" {
			t.Error("asked without padding")
		}
		answer(w, r)
	}))
	defer service.Close()
	r := Ranges{Host: service.Listener.Addr().String(), Client: service.Client()}
	t.Run("a known password is known, and the service is told five characters", func(t *testing.T) {
		got, err := r.Has(t.Context(), known)
		if err != nil || !got {
			t.Fatalf("got %v, %v", got, err)
		}
		if len(asked) != len("/range/12345") {
			t.Errorf("asked %s", asked)
		}
	})
	t.Run("another is not", func(t *testing.T) {
		if got, err := r.Has(t.Context(), "another one of nobody"); err != nil || got {
			t.Errorf("got %v, %v", got, err)
		}
	})
	for name, other := range map[string]http.HandlerFunc{
		"an error":            func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"a page":              func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>captive portal</html>") },
		"nothing":             func(http.ResponseWriter, *http.Request) {},
		"a connection's end":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"an answer too large": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 2<<20)) },
	} {
		t.Run(name+" is no answer", func(t *testing.T) {
			answer = other
			if got, err := r.Has(t.Context(), known); err == nil || got {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

type failing struct{}

func (failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }

func TestAServiceThatDoesNotAnswerIsCountedAndToldOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures, told, since := 0, 0, 0
		c := &Checker{
			Online: &Ranges{Host: "ranges.invalid", Client: &http.Client{Transport: failing{}}},
			Failed: func(_ context.Context, _ error, say bool, n int) {
				if failures++; say {
					told, since = told+1, n
				}
			},
		}
		if !c.Breached(t.Context(), "qwertyuiop123") {
			t.Error("the list was not asked")
		}
		for range 100 {
			if c.Breached(t.Context(), "plum-otter-glacier-42") {
				t.Fatal("a password that nobody knows is refused because nobody answers")
			}
		}
		if failures != 100 || told != 1 {
			t.Errorf("got %d failures and %d told, want 100 and 1", failures, told)
		}
		time.Sleep(pause)
		c.Breached(t.Context(), "plum-otter-glacier-42")
		if told != 2 || since != 100 {
			t.Errorf("got %d told, the last of %d, want 2 and 100", told, since)
		}
		tried.Report(t, "101 lookups of passwords while the service does not answer", "%d counted, %d logged, a listed password refused all the same", failures, told)
	})
}

// FuzzListed: no password brings it down, and its case is of no matter.
func FuzzListed(f *testing.F) {
	for _, seed := range []string{"", "a", "password1234", "ааааа", "\xff\xff", strings.Repeat("ab", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, password string) {
		listed := Listed(password)
		for _, r := range password {
			if r > unicode.MaxASCII {
				return // other alphabets have letters without a twin
			}
		}
		if listed != Listed(strings.ToUpper(password)) {
			t.Errorf("%q is listed in one case only", password)
		}
	})
}
