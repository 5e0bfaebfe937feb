package stacktest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/identityd/internal/htmltest"
)

// TestSQLiteStaysWhole goes on many journeys at once, then tries as many sign-ins of people who do not exist
// while an application asks who somebody is (docs/ory-quirks.md#q24).
func TestSQLiteStaysWhole(t *testing.T) {
	notOnStandIn(t, onSQLite)
	// As many as are let in: Kratos takes 30 requests at once of a pool of 20 (internal/outage/shed.go), and the door of
	// hashes 32 where four may run (internal/ory/ceiling.go). Who waits at one of them, for longer than a second or for
	// longer than five, is turned away as they should, which a slow or busy machine would decide.
	const atOnce = 24
	s := Start(t, Set("throttle.hashes", "4"))
	defer func() {
		for line := range strings.Lines(s.Log.String()) {
			if t.Failed() && (strings.Contains(line, `"status":5`) || strings.Contains(line, `"level":"ERROR"`)) {
				t.Log(line) // they are not at the end of the log
			}
		}
	}()
	s.Journey(t, client, atOnce)
	if log := s.Log.String(); strings.Contains(log, "database is locked") || strings.Contains(log, `"status":5`) {
		t.Errorf("an error was served:\n%s", s.Log.Tail())
	}
	t.Run("unknown names leave whoami unhurt", func(t *testing.T) {
		var wg sync.WaitGroup
		stop := make(chan struct{})
		for i := range atOnce {
			wg.Go(func() { refusedLogin(t, s, "nobody-"+strconv.Itoa(i)+"@example.com") })
		}
		go func() { wg.Wait(); close(stop) }()
		asked, slowest, first := 0, time.Duration(0), time.Now()
		for {
			select {
			case <-stop:
				// Held back under the lock, the sign-ins would have stalled each other, and whoami behind all of them.
				if whole := time.Since(first); asked == 0 || slowest > whole/2 {
					t.Errorf("asked %d times, the slowest took %s of the %s of all sign-ins", asked, slowest, whole)
				}
				return
			default:
			}
			began := time.Now()
			if got := get(t, s.URLs.Kratos+"/sessions/whoami", nil); got != http.StatusUnauthorized {
				t.Fatalf("got %d, want 401", got)
			}
			asked++
			slowest = max(slowest, time.Since(began))
		}
	})
}

// refusedLogin signs in with a password nobody has and expects to be told on the page.
func refusedLogin(t *testing.T, s *Stack, name string) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Error(err)
		return
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{}}
	defer browser.CloseIdleConnections()
	page := visit(t, browser, s.URLs.UI+"/login")
	if page == nil {
		return
	}
	form := page.FormWith("form", "identifier", "password")
	fields := url.Values{}
	for k, v := range form.Fields {
		fields[k] = v
	}
	fields.Set("identifier", name)
	fields.Set("password", "not the password of anybody")
	fields.Set("method", "password")
	res, err := browser.PostForm(form.Action, fields)
	if err != nil {
		t.Error(err)
		return
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK || !strings.Contains(string(raw), `role="alert"`) {
		t.Errorf("got %d at %s, want the page with an alert", res.StatusCode, res.Request.URL.Path)
	}
}

func visit(t *testing.T, browser *http.Client, address string) *htmltest.Page {
	t.Helper()
	res, err := browser.Get(address)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: got %d", address, res.StatusCode)
		return nil
	}
	return htmltest.Parse(t, res.Body)
}
