package throttle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/identityd/internal/tried"
)

func config() Config {
	return Config{
		Log: slog.New(slog.DiscardHandler), Names: Names{Secret: []byte("secret")}, NewRows: 1000,
		Pair: Level{5, time.Hour}, Account: Level{100, 24 * time.Hour}, Address: Level{200, time.Hour}, Mails: Level{20, 24 * time.Hour},
		FirstWait: time.Second, LongestWait: 15 * time.Minute,
	}
}

func from(address string) netip.Prefix { return netip.PrefixFrom(netip.MustParseAddr(address), 32) }

func attempt(address, account string) Attempt {
	return Attempt{Kind: Login, Address: from(address), Account: account}
}

// fail makes a wrong attempt, and says how long it has to wait instead.
func fail(t *testing.T, l *Limiter, a Attempt) time.Duration {
	t.Helper()
	h, refused := l.Begin(t.Context(), a)
	if refused != nil {
		return time.Until(refused.Until)
	}
	h.Failed(t.Context())
	return 0
}

func succeed(t *testing.T, l *Limiter, a Attempt) bool {
	t.Helper()
	h, refused := l.Begin(t.Context(), a)
	if refused == nil {
		h.Succeeded(t.Context())
	}
	return refused == nil
}

func TestWaitsGrowAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(config())
		a := attempt("192.0.2.1", "anna@example.com")
		for range 5 {
			if wait := fail(t, l, a); wait != 0 {
				t.Fatalf("got a wait of %s for what is free", wait)
			}
		}
		var waits []time.Duration
		for range 14 {
			wait := fail(t, l, a)
			waits = append(waits, wait)
			time.Sleep(wait - time.Millisecond)
			if fail(t, l, a) == 0 {
				t.Errorf("got an attempt a millisecond before a wait of %s was over", wait)
			}
			time.Sleep(time.Millisecond)
			if wait := fail(t, l, a); wait != 0 {
				t.Errorf("got a wait of %s after it was over", wait)
			}
		}
		for i, got := range waits {
			if want := min(time.Second<<i, 15*time.Minute); got.Round(time.Millisecond) != want {
				t.Errorf("wait %d: got %s, want %s", i, got, want)
			}
		}
		time.Sleep(15 * time.Minute)
		if !succeed(t, l, a) {
			t.Error("the right password is refused after the longest wait")
		}
		if wait := fail(t, l, a); wait != 0 {
			t.Errorf("got a wait of %s after a success", wait)
		}
		tried.Report(t, "wrong passwords for one account from one address, each as soon as it may be", "5 are free, then waits of %s to %s; the right one works after the longest", waits[0], waits[len(waits)-1])
	})
}

func TestParallelAttemptsDoNotOvertakeTheCount(t *testing.T) {
	burst := func(t *testing.T, cfg Config) (checked, refused int32) {
		l := New(cfg)
		var in, out atomic.Int32
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				h, refusal := l.Begin(t.Context(), attempt("192.0.2.1", "anna@example.com"))
				if refusal != nil {
					out.Add(1)
					return
				}
				in.Add(1)
				time.Sleep(40 * time.Millisecond) // the hash
				h.Failed(t.Context())
			})
		}
		wg.Wait()
		return in.Load(), out.Load()
	}
	t.Run("of 200 at once as many are checked as are free", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			checked, refused := burst(t, config())
			tried.Report(t, "200 wrong passwords at once for one account", "%d checked, %d have to wait", checked, refused)
			if checked != 5 || refused != 195 {
				t.Errorf("got %d checked and %d refused, want 5 and 195", checked, refused)
			}
		})
	})
	t.Run("counted afterwards all of them are", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cfg := config()
			cfg.Unreserved = true
			if checked, _ := burst(t, cfg); checked != 200 {
				t.Errorf("got %d checked, want all 200 without the fix", checked)
			}
		})
	})
	t.Run("who is right is not refused because others are under way", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := New(config())
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					h, refusal := l.Begin(t.Context(), attempt("192.0.2.1", "anna@example.com"))
					if refusal != nil {
						t.Error("refused")
						return
					}
					time.Sleep(40 * time.Millisecond)
					h.Succeeded(t.Context())
				})
			}
			wg.Wait()
		})
	})
}

func TestWhoIsKeptOut(t *testing.T) {
	const anna = "anna@example.com"
	attack := func(t *testing.T, l *Limiter) {
		t.Helper()
		for i := range 150 {
			fail(t, l, attempt(fmt.Sprintf("198.51.100.%d", i), anna))
		}
	}
	for name, c := range map[string]struct {
		before func(t *testing.T, l *Limiter, a *Attempt)
		passes bool
	}{
		"a stranger of an account under attack waits": {func(t *testing.T, l *Limiter, _ *Attempt) { attack(t, l) }, false},
		"the address it was used from before does not": {func(t *testing.T, l *Limiter, a *Attempt) {
			succeed(t, l, *a)
			attack(t, l)
		}, true},
		"nor does a browser that signed in before": {func(t *testing.T, l *Limiter, a *Attempt) {
			a.Device = l.Device("", anna)
			attack(t, l)
		}, true},
		"the cookie of another account is none": {func(t *testing.T, l *Limiter, a *Attempt) {
			a.Device = l.Device("", "bo@example.com")
			attack(t, l)
		}, false},
		"nor is a forged one": {func(t *testing.T, l *Limiter, a *Attempt) {
			a.Device = "AAAA.k.BBBB"
			attack(t, l)
		}, false},
		"nor is one of half a year ago": {func(t *testing.T, l *Limiter, a *Attempt) {
			a.Device = l.Device("", anna)
			time.Sleep(DeviceLife + time.Minute)
			attack(t, l)
		}, false},
		"five failures from one address do not keep another one out": {func(t *testing.T, l *Limiter, _ *Attempt) {
			for range 30 {
				fail(t, l, attempt("198.51.100.1", anna))
			}
		}, true},
		"a sign-in of one's own does not clear the address": {func(t *testing.T, l *Limiter, a *Attempt) {
			for i := range 200 {
				fail(t, l, attempt("192.0.2.1", fmt.Sprintf("guess%d@example.com", i)))
			}
			h, _ := l.Begin(t.Context(), Attempt{Kind: Login, Account: "mallory@example.com", Device: l.Device("", "mallory@example.com"), Address: a.Address})
			h.Succeeded(t.Context())
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New(config())
				a := attempt("192.0.2.1", anna)
				c.before(t, l, &a)
				h, refused := l.Begin(t.Context(), a)
				if (refused == nil) != c.passes {
					t.Errorf("got refused %v, want it to pass: %t", refused, c.passes)
				}
				if h != nil {
					h.Dropped(t.Context())
				}
			})
		})
	}
	t.Run("a browser that signed in before has tries of its own, which end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := New(config())
			a := attempt("192.0.2.1", anna)
			a.Device = l.Device("", anna)
			for range 5 {
				fail(t, l, a)
			}
			if fail(t, l, a) == 0 {
				t.Error("got a sixth try, want a stolen cookie to be of no use for guessing")
			}
		})
	})
}

func TestSpellingsAreOneAccount(t *testing.T) {
	n := Names{Secret: []byte("secret")}
	want := n.Account("anna@example.com")
	for _, typed := range []string{"Anna@Example.com", " anna@example.com\t", "ａｎｎａ@example.com", "an\u200bna@example.com", "anna@example.com\u202e"} {
		if n.Account(typed) != want || !SameAccount(typed, "anna@example.com") {
			t.Errorf("%q is counted apart", typed)
		}
	}
	if n.Account("bo@example.com") == want || (Names{Secret: []byte("other")}).Account("anna@example.com") == want {
		t.Error("got the same hash for another account, or with another secret")
	}
}

// away is a table that cannot be had.
type away struct {
	Rows
	asked atomic.Int32
}

func (a *away) Reserve(context.Context, int64, []Counted) (map[string]State, error) {
	a.asked.Add(1)
	return nil, errors.New("away")
}

func TestATableThatIsAwayKeepsNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := &away{}
		cfg := config()
		cfg.Rows, cfg.Shared = rows, true
		l := New(cfg)
		for range 100 {
			if !succeed(t, l, attempt("192.0.2.1", "anna@example.com")) {
				t.Fatal("refused")
			}
		}
		asked := rows.asked.Load()
		for range 6 {
			fail(t, l, attempt("192.0.2.2", "bo@example.com"))
		}
		if fail(t, l, attempt("192.0.2.2", "bo@example.com")) == 0 {
			t.Error("got a further try, want the memory to count on")
		}
		tried.Report(t, "100 sign-ins while the table of the throttle is away", "all passed, the table was asked %d times; wrong ones still wait", asked)
		if asked != 1 {
			t.Errorf("asked %d times within a moment, want once", asked)
		}
		time.Sleep(rest)
		succeed(t, l, attempt("192.0.2.1", "anna@example.com"))
		if rows.asked.Load() != asked+1 {
			t.Error("the table is not asked again")
		}
	})
}

func TestAMillionAddressesAreRememberedInBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		rows := &counting{keys: map[string]bool{}}
		cfg.Rows = rows
		l := New(cfg)
		var b [4]byte
		for i := range 1_000_000 {
			b = [4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}
			a := Attempt{Kind: Client, Address: netip.PrefixFrom(netip.AddrFrom4(b), 32), Account: "app"}
			if h, refused := l.Begin(t.Context(), a); refused == nil {
				h.Failed(t.Context())
			}
			if i%1000 == 0 {
				time.Sleep(time.Second)
			}
		}
		kept := 0
		l.memory.each(func(string, *entry) { kept++ })
		tried.Report(t, "a million addresses fail at one account within 17 minutes", "%d rows, %d counts in memory", len(rows.keys), kept)
		if most := cfg.NewRows * 3 / 2; len(rows.keys) > most || kept > memoryKeys {
			t.Errorf("got %d rows and %d keys in memory, want at most %d and %d", len(rows.keys), kept, most, memoryKeys)
		}
	})
}

// counting remembers which rows there would be.
type counting struct {
	Rows
	keys map[string]bool
}

func (c *counting) Add(_ context.Context, _ int64, keys []Counted) (map[string]State, error) {
	for _, k := range keys {
		c.keys[k.Key] = true
	}
	return nil, nil
}
