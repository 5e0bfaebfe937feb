package store_test

import (
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/store"
	"example.com/identityd/internal/throttle"
	"example.com/identityd/internal/tried"
)

func TestThrottles(t *testing.T) {
	// Five an hour, waits of 1 s to 15 min.
	rule := throttle.Rule{Leak: 720_000, Over: 4 * 720_000, First: 1000, Longest: 900_000}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			db := migrated(t, kind.make(t))
			rows := store.NewThrottles(db, nil)
			one := []throttle.Counted{{Key: "eu|login|pair|192.0.2.1/32|a", Rule: rule}}
			const now = int64(1_800_000_000_000)
			t.Run("the database counts as the memory does", func(t *testing.T) {
				at, want := now, throttle.State{}
				for n := range 24 {
					at += int64(n) * 40_000
					want = want.Add(at, rule)
					got, err := rows.Add(t.Context(), at, one)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(map[string]throttle.State{one[0].Key: want}, got); diff != "" {
						t.Fatalf("failure %d (-memory +database):\n%s", n+1, diff)
					}
				}
			})
			t.Run("a wait of a clock that was set back gives one reservation", func(t *testing.T) {
				ahead := rule
				ahead.Ahead = rule.Longest + 60_000
				key := []throttle.Counted{{Key: "eu|login|pair|192.0.2.9/32|z", Rule: ahead}}
				for range 5 {
					if got, err := rows.Add(t.Context(), now, key); err != nil || len(got) != 1 {
						t.Fatalf("got %v, %v", got, err)
					}
				}
				const hour = 3_600_000
				if got, err := rows.Reserve(t.Context(), now-hour, []throttle.Counted{{Key: key[0].Key, Rule: rule}}); err != nil || len(got) != 0 {
					t.Errorf("without the bound: got %v, %v, want no reservation for an hour", got, err)
				}
				first, err := rows.Reserve(t.Context(), now-hour, key)
				if err != nil || len(first) != 1 || first[key[0].Key].Until > now-hour+rule.Longest {
					t.Errorf("got %v, %v, want one reservation, and a wait by the clock of now", first, err)
				}
				if again, err := rows.Reserve(t.Context(), now-hour, key); err != nil || len(again) != 0 {
					t.Errorf("got %v, %v, want no second one", again, err)
				}
				if _, err := rows.Release(t.Context(), now, nil, key[0].Key); err != nil {
					t.Error(err)
				}
			})
			t.Run("who has to wait gets no reservation, and does not make the wait longer", func(t *testing.T) {
				both := append([]throttle.Counted{{Key: "eu|login|account||b", Rule: rule}}, throttle.Counted{Key: "eu|login|pair|192.0.2.2/32|b", Rule: rule})
				var last throttle.State
				for range 5 {
					got, err := rows.Reserve(t.Context(), now, both[1:])
					if err != nil || len(got) != 1 {
						t.Fatalf("got %v, %v", got, err)
					}
					last = got[both[1].Key]
				}
				for range 3 {
					got, err := rows.Reserve(t.Context(), now+999, both)
					if _, blocked := got[both[1].Key]; err != nil || len(got) != 1 || blocked {
						t.Fatalf("got %v, %v, want the account alone", got, err)
					}
				}
				after, err := rows.States(t.Context(), []string{both[1].Key})
				if err != nil || after[both[1].Key] != last {
					t.Errorf("got %v, %v, want %v as before", after, err, last)
				}
				gone, err := rows.Release(t.Context(), now+999, []string{both[0].Key}, both[1].Key)
				if diff := cmp.Diff([]string{both[1].Key}, gone); err != nil || diff != "" {
					t.Errorf("%v: rows that are gone (-want +got):\n%s", err, diff)
				}
				left, err := rows.States(t.Context(), []string{both[0].Key, both[1].Key})
				if err != nil || len(left) != 1 || left[both[0].Key].Debt != now+999+2*rule.Leak {
					t.Errorf("got %v, %v, want two failures of the account", left, err)
				}
			})
			t.Run("counts are listed until they are forgotten, and cleared by their keys", func(t *testing.T) {
				all, err := rows.List(t.Context(), now)
				if err != nil || len(all) != 2 {
					t.Fatalf("got %v, %v", all, err)
				}
				if later, err := rows.List(t.Context(), now+int64(1000*time.Hour/time.Millisecond)); err != nil || len(later) != 0 {
					t.Errorf("got %v, %v much later", later, err)
				}
				n, err := rows.Clear(t.Context(), func(k throttle.Key) bool { return k.Scope == throttle.Account && k.Account == "b" && k.Region == "eu" })
				if rest := count(t, db, "SELECT count(*) FROM identityd_throttle"); err != nil || n != 1 || rest != 1 {
					t.Errorf("got %d cleared and %d left, %v", n, rest, err)
				}
			})
			t.Run("many addresses write a bounded number of rows", func(t *testing.T) {
				const most = 60
				level := throttle.Level{Free: 5, Window: time.Hour}
				l := throttle.New(throttle.Config{
					Log: slog.New(slog.DiscardHandler), Rows: rows, Shared: true, NewRows: most,
					Pair: level, Account: level, Address: level, Mails: level, FirstWait: time.Millisecond, LongestWait: time.Millisecond,
				})
				for i := range 400 {
					from := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 32)
					h, refused := l.Begin(t.Context(), throttle.Attempt{Kind: throttle.Login, Address: from, Account: fmt.Sprintf("person%d", i)})
					if refused == nil {
						h.Failed(t.Context())
					}
				}
				rows := count(t, db, "SELECT count(*) FROM identityd_throttle") - 1
				tried.Report(t, "400 addresses fail at 400 accounts, with 60 new rows allowed, on "+kind.name, "%d rows", rows)
				if rows > most+1 || rows < most/2 {
					t.Errorf("got %d rows, want about %d", rows, most)
				}
			})
		})
	}
}
