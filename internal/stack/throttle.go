package stack

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"time"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/outage"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/throttle"
)

const (
	// throttleConnections keep the counting from waiting for the leases, and these from it.
	throttleConnections = 4
	// throttleRows is how many rows a process makes at once, and again in each hour.
	throttleRows = 20_000
)

// throttling counts attempts. The zero value counts none.
type throttling struct {
	limiter *throttle.Limiter
	db      *sql.DB
}

func (t throttling) close() error {
	if t.db == nil {
		return nil
	}
	return t.db.Close()
}

// openThrottle counts attempts where the file says so. alone runs a write where writes go one at a time.
func (s *Stack) openThrottle(set settings, dsn store.DSN, alone func(context.Context, func()) bool) (t throttling, err error) {
	if !set.cfg.Throttle.Enabled || s.opts.Unthrottled {
		return t, nil
	}
	cfg, err := throttleConfig(set.cfg, set.keys)
	if err != nil {
		return t, err
	}
	cfg.Log, cfg.Note = s.log.With("component", "throttle"), s.noteThrottled
	cfg.Unreserved = s.opts.UnreservedAttempts
	if !dsn.Memory() {
		if t.db, err = store.Open(dsn, ""); err != nil {
			return t, fmt.Errorf("opening the throttle: %w", err)
		}
		t.db.SetMaxOpenConns(throttleConnections)
		if dsn.Dialect() != store.SQLite {
			cfg.Shared, alone = true, nil
		}
		cfg.Rows = store.NewThrottles(t.db, alone)
	}
	t.limiter = throttle.New(cfg)
	return t, nil
}

// throttleConfig translates the words of throttle:.
func throttleConfig(c config.Config, k keys) (throttle.Config, error) {
	// With a new first secret accounts get new names, and their counts begin again: once per rotation.
	secret, err := k.derive("throttle accounts")
	if err != nil {
		return throttle.Config{}, err
	}
	level := func(l config.ThrottleLevel) throttle.Level { return throttle.Level(l) }
	return throttle.Config{
		Region: c.Region, Names: throttle.Names{Secret: secret[0]}, NewRows: throttleRows,
		Pair: level(c.Throttle.Pair), Account: level(c.Throttle.Account), Address: level(c.Throttle.Address), Mails: level(c.Throttle.Mails),
		FirstWait: c.Throttle.FirstWait, LongestWait: c.Throttle.LongestWait,
	}, nil
}

// attempts are what engines with these settings ask, nil where nothing is counted.
func (s *Stack) attempts(t throttling) identity.Attempts {
	if t.limiter == nil {
		return nil
	}
	return attempts{s}
}

// attempts asks the limiter of now, whose limits may change while engines live.
type attempts struct{ *Stack }

// Begin implements identity.Attempts.
func (a attempts) Begin(r *http.Request, try identity.Attempt) (end func(context.Context, identity.AttemptEnd), until time.Time) {
	if t := a.throttling.Load(); t.limiter != nil {
		return t.begin(r, try)
	}
	return func(context.Context, identity.AttemptEnd) {}, time.Time{}
}

// Device implements identity.Attempts.
func (a attempts) Device(had, account string) string {
	if t := a.throttling.Load(); t.limiter != nil {
		return t.limiter.Device(had, account)
	}
	return ""
}

func (t throttling) begin(r *http.Request, a identity.Attempt) (end func(context.Context, identity.AttemptEnd), until time.Time) {
	hold, refusal := t.limiter.Begin(r.Context(), throttle.Attempt{
		Kind: throttle.Kind(a.Kind), Address: clientaddr.Prefix(clientaddr.From(r.Context())), Account: a.Account, Device: a.Device, Every: a.Every,
	})
	if refusal != nil {
		return nil, refusal.Until
	}
	return func(ctx context.Context, how identity.AttemptEnd) {
		// What the database refused looks like a wrong secret to Hydra, and outage answers 503 in its place. The request
		// knows its deadline; ctx may have none.
		if how == identity.AttemptFailed && outage.Suspects(r.Context()) {
			how = identity.AttemptDropped
		}
		switch how {
		case identity.AttemptSucceeded:
			hold.Succeeded(ctx)
		case identity.AttemptFailed:
			hold.Failed(ctx)
		default:
			hold.Dropped(ctx)
		}
	}, time.Time{}
}

// noteThrottled puts on record that somebody has to wait.
func (s *Stack) noteThrottled(ctx context.Context, n throttle.Refusal) {
	t := s.trail.Load()
	if t == nil {
		return
	}
	kind := audit.RequestThrottled
	if n.Kind == throttle.Login {
		kind = audit.LoginThrottled
	}
	t.Hold(ctx, audit.Event{Kind: kind, Outcome: audit.Refused, Actor: "unknown", Details: map[string]string{
		"attempt": string(n.Kind), "scope": string(n.Scope), "account": n.Account, "until": n.Until.UTC().Format(time.RFC3339),
	}})
}
