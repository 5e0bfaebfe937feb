package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// How often the database is asked while it is away, and how long one try may take.
const (
	firstPause = 200 * time.Millisecond
	lastPause  = 3 * time.Second
	tryTimeout = 5 * time.Second
)

// WaitOptions say how to wait.
type WaitOptions struct {
	// Timeout ends the wait with an error; 0 waits for ever.
	Timeout time.Duration
	// Create allows to create a database that does not exist.
	Create bool
	// Reason is told why it is still waiting, in words fit for everybody; nil tells nobody.
	Reason func(string)
	Log    *slog.Logger
}

// Wait returns when the database answers, when ctx ends, or at the timeout. The engines wait by
// themselves, but for five minutes and without listening to ctx (docs/ory-quirks.md#q6).
func Wait(ctx context.Context, d DSN, o WaitOptions) error {
	if d.dialect == SQLite {
		return prepareFile(ctx, d)
	}
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.Timeout,
			fmt.Errorf("the database did not answer within database.wait_timeout (%s)", o.Timeout))
		defer cancel()
	}
	// What is wrong with the address does not pass by waiting.
	db, err := Open(d, "")
	if err != nil {
		return err
	}
	defer db.Close()
	pause, said := firstPause, ""
	for {
		err := try(ctx, db, d, o.Create)
		if err == nil || IsMismatch(err) != nil {
			return err
		}
		if ctx.Err() != nil {
			return givingUp(ctx, d, said)
		}
		if reason := Explain(err); reason != said {
			said = reason
			o.Log.WarnContext(ctx, "waiting for the database", "database", d, "reason", reason, "err", err)
			if o.Reason != nil {
				o.Reason(reason)
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return givingUp(ctx, d, said)
		}
		pause = min(2*pause, lastPause)
	}
}

// givingUp tells the last reason: the log may have said it hours ago.
func givingUp(ctx context.Context, d DSN, reason string) error {
	if reason == "" {
		reason = "it has not answered yet"
	}
	return fmt.Errorf("waiting for %s: %w (%s)", d, context.Cause(ctx), reason)
}

// prepareFile makes the file, or looks whether the one that is there is a database: the engines would
// try for minutes to open one that is not.
func prepareFile(ctx context.Context, d DSN) error {
	if d.Memory() {
		return nil
	}
	// Password hashes live here: nobody else on the machine has business in it.
	if err := os.MkdirAll(filepath.Dir(d.File()), 0o700); err != nil {
		return fmt.Errorf("making the folder of %s: %w", d, err)
	}
	f, err := os.OpenFile(d.File(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("opening %s: %w", d, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("opening %s: %w", d, err)
	}
	db, err := Open(d, "")
	if err != nil {
		return fmt.Errorf("opening %s: %w", d, err)
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&version); err != nil {
		return fmt.Errorf("opening %s: %w; restore it from a backup, or move it away to start over", d, err)
	}
	return nil
}

func try(ctx context.Context, db *sql.DB, d DSN, create bool) error {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	err := db.PingContext(ctx)
	if !isMissingDatabase(err) {
		return err
	}
	if mismatch := checkWithoutDatabase(ctx, d); mismatch != nil {
		return mismatch
	}
	if create {
		if err = createDatabase(ctx, d); err == nil {
			err = db.PingContext(ctx)
		}
	}
	return err
}
