package crossorigin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/cors"
)

// clients is a database of origins, and its clock.
type clients struct {
	by    map[string]Standing
	reads int
	err   error
	at    time.Time
}

func (c *clients) known() *Known {
	k := NewKnown(slog.New(slog.DiscardHandler), func(context.Context) (map[string]Standing, error) { c.reads++; return c.by, c.err })
	k.now = func() time.Time { return c.at }
	return k
}

func TestWhatIsKnownOfOrigins(t *testing.T) {
	const app = "https://app.example.com"
	begin := func() (*clients, *Known) {
		c := &clients{by: map[string]Standing{app: Trusted, "https://*.wide.example.com:8443": Registered, "HTTPS://Upper.example.com:443/": Trusted, "*": Trusted}, at: time.Unix(1e9, 0)}
		return c, c.known()
	}
	t.Run("origins and patterns of clients are found as browsers send them", func(t *testing.T) {
		_, k := begin()
		got := map[string]Standing{}
		for _, origin := range []string{
			app, "https://a.wide.example.com:8443", "https://a.b.wide.example.com:8443", "https://wide.example.com:8443", "https://a.wide.example.com",
			"https://upper.example.com", "https://other.example.com", "http://app.example.com", "null", "", "https://*.wide.example.com:8443", app + strings.Repeat("a", 400),
		} {
			if s := k.Standing(origin); s != Stranger {
				got[origin] = s
			}
		}
		want := map[string]Standing{app: Trusted, "https://a.wide.example.com:8443": Registered, "https://upper.example.com": Trusted, "https://*.wide.example.com:8443": Registered}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a known origin costs one reading in ten seconds", func(t *testing.T) {
		c, k := begin()
		for range 100 {
			k.Standing(app)
			c.at = c.at.Add(99 * time.Millisecond)
		}
		if c.reads != 1 {
			t.Errorf("got %d readings, want 1", c.reads)
		}
	})
	t.Run("unknown origins cost one reading in a second however many they are", func(t *testing.T) {
		c, k := begin()
		for i := range 1000 {
			k.Standing(fmt.Sprintf("https://a%d.example.org", i))
			c.at = c.at.Add(time.Millisecond)
		}
		if c.reads != 1 {
			t.Errorf("got %d readings, want 1", c.reads)
		}
	})
	t.Run("what another process made is found a second later, and what it removed ten seconds later", func(t *testing.T) {
		c, k := begin()
		k.Standing(app)
		c.by = map[string]Standing{"https://new.example.com": Trusted}
		c.at = c.at.Add(again)
		if got := k.Standing("https://new.example.com"); got != Trusted {
			t.Errorf("got %v for the new one", got)
		}
		c.by = map[string]Standing{}
		c.at = c.at.Add(fresh)
		if got := k.Standing("https://new.example.com"); got != Stranger {
			t.Errorf("got %v for the removed one", got)
		}
	})
	t.Run("what this process changed counts at once", func(t *testing.T) {
		c, k := begin()
		k.Standing(app)
		c.by = nil
		k.Changed()
		if got := k.Standing(app); got != Stranger {
			t.Errorf("got %v", got)
		}
	})
	t.Run("what changes while it is read counts as well", func(t *testing.T) {
		c, k := begin()
		load := k.load
		k.load = func(ctx context.Context) (map[string]Standing, error) {
			by, err := load(ctx)
			if c.reads == 1 {
				c.by = nil
				k.Changed()
			}
			return by, err
		}
		k.Standing(app)
		if got := k.Standing(app); got != Stranger {
			t.Errorf("got %v", got)
		}
	})
	t.Run("of two clients the one that is trusted more counts, whichever way each writes it", func(t *testing.T) {
		for range 20 { // of a map
			c, k := begin()
			c.by = map[string]Standing{
				app: Registered, app + ":443": Trusted, "https://a.wide.example.com": Trusted, "https://*.wide.example.com": Registered,
				"http://b.example.com:80": Trusted, "http://B.example.com": Registered,
			}
			for _, origin := range []string{app, "https://a.wide.example.com", "http://b.example.com"} {
				if got := k.Standing(origin); got != Trusted {
					t.Fatalf("got %v for %s", got, origin)
				}
			}
		}
	})
	t.Run("a database that is away is left alone, and what was known stands", func(t *testing.T) {
		c, k := begin()
		k.Standing(app)
		c.err = errors.New("away")
		c.at = c.at.Add(time.Hour)
		for range 100 {
			if got := k.Standing(app); got != Trusted {
				t.Fatalf("got %v", got)
			}
		}
		if c.reads != 2 {
			t.Errorf("got %d readings, want 2", c.reads)
		}
	})
}

// ask sends a request to a door, with what a browser adds.
func ask(h http.Handler, method, origin string, header ...string) http.Header {
	r := httptest.NewRequest(method, "/oauth2/token", http.NoBody)
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Header()
}

func TestTheDoor(t *testing.T) {
	const own, listed, lent, stranger = "https://id.example.com", "https://listed.example.com", "https://lent.example.com", "https://stranger.example.com"
	var log bytes.Buffer
	preflights := 0
	refusals := NewRefusals(slog.New(slog.NewTextHandler(&log, nil)), func(context.Context) { preflights++ })
	now := time.Unix(1e9, 0)
	refusals.now = func() time.Time { return now }
	asked := 0
	h := Door{
		Options: cors.Options{AllowedOrigins: []string{listed}, AllowedMethods: []string{"POST"}, AllowedHeaders: []string{"Authorization"}}, Listed: true,
		Own:      []string{own},
		Known:    func(origin string) Standing { asked++; return map[string]Standing{lent: Registered}[origin] },
		May:      func(_ *http.Request, s Standing) bool { return s != Stranger },
		Refusals: refusals,
	}.Middleware()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))

	preflight := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization"}
	for origin, want := range map[string]string{listed: listed, lent: lent, stranger: "", own: "", "null": ""} {
		for kind, got := range map[string]http.Header{
			"preflight": ask(h, http.MethodOptions, origin, preflight...), "request": ask(h, http.MethodPost, origin, "Sec-Fetch-Mode", "cors"),
		} {
			if got.Get("Access-Control-Allow-Origin") != want || !strings.HasPrefix(strings.Join(got.Values("Vary"), ", "), "Origin") || got.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s of %s: got %v, want %q, Vary and no credentials", kind, origin, got, want)
			}
		}
	}
	t.Run("nobody asks the clients about our own pages and those of the settings", func(t *testing.T) {
		was := asked
		ask(h, http.MethodPost, own)
		ask(h, http.MethodPost, listed)
		if asked != was {
			t.Errorf("they were asked %d times", asked-was)
		}
	})
	t.Run("nor about a request that nobody may send", func(t *testing.T) {
		closed := Door{
			Options: cors.Options{AllowedMethods: []string{"POST"}}, May: func(*http.Request, Standing) bool { return false },
			Known: func(string) Standing { t.Error("they were asked"); return Trusted },
		}.Middleware()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		if got := ask(closed, http.MethodPost, stranger); got.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("got %v", got)
		}
	})
	said := func() int { return strings.Count(log.String(), "origin="+stranger) }
	t.Run("a refusal is said once a minute with the key to set", func(t *testing.T) {
		if preflights != 2 {
			t.Errorf("%d preflights are told of as refused, want those of a stranger and of null", preflights)
		}
		if said() != 1 || !strings.Contains(log.String(), "identityd client explain ID --origin "+stranger) || strings.Contains(log.String(), "origin="+own) {
			t.Errorf("got %s", log.String())
		}
		now = now.Add(time.Minute)
		ask(h, http.MethodOptions, stranger, preflight...)
		if said() != 2 {
			t.Errorf("got %d lines, want 2", said())
		}
	})
	t.Run("a header that is not allowed is named", func(t *testing.T) {
		now = now.Add(time.Minute)
		ask(h, http.MethodOptions, lent, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-mine")
		if !strings.Contains(log.String(), "x-mine") {
			t.Errorf("got %s", log.String())
		}
	})
	t.Run("a form that was sent from elsewhere is no refusal", func(t *testing.T) {
		log.Reset()
		now = now.Add(time.Minute)
		ask(h, http.MethodPost, stranger, "Sec-Fetch-Mode", "navigate")
		ask(h, http.MethodPost, stranger)
		if log.Len() > 0 {
			t.Errorf("got %s", log.String())
		}
	})
	t.Run("however many origins are invented, few are named, without what shells would run", func(t *testing.T) {
		log.Reset()
		now = now.Add(time.Minute)
		for i := range 500 {
			ask(h, http.MethodOptions, fmt.Sprintf("https://a%d.example.org$(reboot)\n", i), preflight...)
		}
		if got := strings.Count(log.String(), "\n"); got != mostRefusals {
			t.Errorf("got %d lines, want %d", got, mostRefusals)
		}
		if strings.ContainsAny(log.String(), "$()") {
			t.Errorf("got %s", log.String()[:300])
		}
	})
}
