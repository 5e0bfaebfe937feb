package store_test

import (
	"context"
	"testing"
	"time"

	"example.com/identityd/internal/store"
	"example.com/identityd/internal/tried"
)

// TestTheDatabasesClockGoesBack leaves a lease that ends an hour later than it should, as after a clock of the
// database that was set back.
func TestTheDatabasesClockGoesBack(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			e := kind.make(t)
			db := migrated(t, e)
			later := "now() + interval '1 hour'"
			if e.dialect == store.SQLite {
				later = "CAST(unixepoch('now') * 1000 AS INTEGER) + 3600000"
			}
			must(t, db, "INSERT INTO identityd_lease (name, holder, fence, expires_at) VALUES ('work', 'who died', 7, "+later+")")
			began := time.Now()
			lease := acquire(t, leases(t, e, "next"))
			took := time.Since(began)
			if lease.Fence() != 8 || took < shortTTL {
				t.Errorf("got fence %d after %s, want 8 and no sooner than %s", lease.Fence(), took, shortTTL)
			}
			tried.Report(t, "a process dies and the database's clock goes an hour back, "+kind.name,
				"its lease of %s is taken after %s, fence %d", shortTTL, took.Round(100*time.Millisecond), lease.Fence())

			// The holder lives: whatever the clock says, its renewals change the row.
			must(t, db, "UPDATE identityd_lease SET expires_at = "+later)
			ctx, cancel := context.WithTimeout(t.Context(), 2*shortTTL)
			defer cancel()
			if stolen, err := leases(t, e, "thief").Acquire(ctx, "work"); err == nil {
				t.Errorf("the lease of a living process was taken, with fence %d", stolen.Fence())
			}
			if lease.Context().Err() != nil {
				t.Error("its holder has lost it")
			}
			release(t, lease)

			// Without watching, the next one waits for the hour.
			must(t, db, "UPDATE identityd_lease SET holder = 'who died', expires_at = "+later)
			ctx, cancel = context.WithTimeout(t.Context(), 2*shortTTL)
			defer cancel()
			if lease, err := leases(t, e, "patient").ByTheDatabaseAlone().Acquire(ctx, "work"); err == nil {
				t.Errorf("got fence %d by the database's clock alone: the test above proves nothing", lease.Fence())
			}
		})
	}
}
