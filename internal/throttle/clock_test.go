package throttle

import (
	"testing"
	"testing/synctest"
	"time"

	"example.com/identityd/internal/tried"
)

// afterAClockWasSet fails until the longest wait, sets the clock, and tries twice.
func afterAClockWasSet(t *testing.T, by time.Duration, anyWait bool) (first, second time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var set time.Duration
		cfg := config()
		cfg.Now, cfg.AnyWait = func() time.Time { return time.Now().Add(set) }, anyWait
		l, a := New(cfg), attempt("192.0.2.1", "anna@example.com")
		wait := func() time.Duration {
			h, refused := l.Begin(t.Context(), a)
			if refused != nil {
				return refused.Until.Sub(cfg.Now())
			}
			h.Failed(t.Context())
			return 0
		}
		for range 40 {
			last := wait()
			if last == cfg.LongestWait {
				break
			}
			time.Sleep(last)
		}
		if got := wait(); got != cfg.LongestWait {
			t.Fatalf("got a wait of %s, want the longest", got)
		}
		set = by
		first = wait()
		second = wait()
	})
	return first, second
}

func TestAWaitEndsWhateverTheClock(t *testing.T) {
	t.Run("an hour back gives one try, and then the longest wait again", func(t *testing.T) {
		first, second := afterAClockWasSet(t, -time.Hour, false)
		tried.Report(t, "wrong passwords before and after the clock goes an hour back", "waits of %s and %s, of which the longest should be 15m", first, second)
		if first != 0 || second != 15*time.Minute {
			t.Errorf("got waits of %s and %s, want 0 and 15m", first, second)
		}
	})
	t.Run("an hour forward ends the wait", func(t *testing.T) {
		first, second := afterAClockWasSet(t, time.Hour, false)
		if first != 0 || second > 15*time.Minute {
			t.Errorf("got waits of %s and %s, want 0 and no more than 15m", first, second)
		}
	})
	t.Run("half a minute between two clocks gives no try", func(t *testing.T) {
		first, _ := afterAClockWasSet(t, -30*time.Second, false)
		if first != 15*time.Minute+30*time.Second {
			t.Errorf("got %s, want the wait of the other clock", first)
		}
	})
	t.Run("without the bound one waits for an hour longer", func(t *testing.T) {
		first, _ := afterAClockWasSet(t, -time.Hour, true)
		tried.Report(t, "the same without a bound", "a wait of %s", first)
		if first != 75*time.Minute {
			t.Errorf("got %s, want 1h15m: the tests above prove nothing", first)
		}
	})
}
