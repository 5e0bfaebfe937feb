package signout

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const batch = 50

// Settle ends what hangs on sessions that ended, and returns the addresses that applications want opened
// in the browser. The row of a session that could not be settled stays, for Run.
func (q *Queue) Settle(ctx context.Context, sessions []Session) (frames []string) {
	if len(sessions) == 0 {
		return nil
	}
	// A browser that goes away changes nothing about a session that ended.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleIn)
	defer cancel()
	for _, s := range sessions {
		opened, err := q.settle(ctx, s)
		if err != nil {
			q.cfg.Log.WarnContext(ctx, "sign-out is not finished, trying again", "err", err)
		}
		frames = append(frames, opened...)
	}
	return frames
}

// Note writes down that a session ends, where it is ended.
func (q *Queue) Note(exec func(query string, args ...any) error, s Session) error {
	return q.cfg.Rows.Note(exec, s)
}

// Later is Settle, behind the caller.
func (q *Queue) Later(s Session) {
	q.mu.Lock()
	q.later = append(q.later, s)
	q.mu.Unlock()
	q.hurry()
}

// handed settles what was handed to Later.
func (q *Queue) handed(ctx context.Context) {
	q.mu.Lock()
	sessions := q.later
	q.later = nil
	q.mu.Unlock()
	q.Settle(ctx, sessions)
}

// left settles what another process, or an earlier one, left behind.
func (q *Queue) left(ctx context.Context) {
	sessions, err := q.cfg.Rows.Endings(ctx, time.Now().Add(-young), batch)
	if err != nil {
		q.cfg.Log.DebugContext(ctx, "unfinished sign-outs cannot be read", "err", err)
		return
	}
	q.Settle(ctx, sessions)
}

func (q *Queue) settle(ctx context.Context, s Session) (frames []string, err error) {
	logins, err := q.hydra.Logins(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	if len(logins) > 0 {
		ids := make([]string, 0, len(logins))
		for _, l := range logins {
			ids = append(ids, l.Provider)
		}
		alive, err := q.kratos.Alive(ctx, s.Subject, ids)
		if err != nil {
			return nil, fmt.Errorf("asking for sessions: %w", err)
		}
		var failed error
		for _, l := range logins {
			if alive[l.Provider] {
				continue
			}
			opened, err := q.hydra.EndLogin(ctx, s.Subject, l.ID)
			failed = errors.Join(failed, err)
			frames = append(frames, opened...)
		}
		if failed != nil {
			return frames, fmt.Errorf("ending sessions: %w", failed)
		}
	}
	if err := q.cfg.Rows.Settled(ctx, s); err != nil {
		return frames, fmt.Errorf("crossing out a sign-out: %w", err)
	}
	return frames, nil
}
