package offboard

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrUnwritten says that an order could not be written down, so that nothing was ended.
var ErrUnwritten = errors.New("the order to end access was not written down")

// carry carries an order out and says what is next: once more after a while, another attempt, or nothing.
func (q *Queue) carry(ctx context.Context, o Order) (Ended, error) {
	ended, err := q.end(ctx, o)
	if err == nil && o.Done == 0 && q.cfg.After != nil {
		err = q.cfg.After(ctx, o, ended)
	}
	if err != nil {
		q.count(func(s *Stats) { s.Failed++ })
		q.cfg.Log.WarnContext(ctx, "access of a person is not ended, trying again", "identity", o.Identity, "reason", o.Reason,
			"attempts", o.Attempts+1, "err", err)
		o.Attempts++
		q.wrote(ctx, q.cfg.Rows.Put(context.WithoutCancel(ctx), o, time.Now().Add(pause(o.Attempts))))
		return ended, fmt.Errorf("ending access: %w", err)
	}
	if o.Done > 0 {
		q.wrote(ctx, q.cfg.Rows.Remove(ctx, o))
		return ended, nil
	}
	q.count(func(s *Stats) { s.Done++ })
	q.cfg.Log.InfoContext(ctx, "access of a person ended", "identity", o.Identity, "reason", o.Reason)
	o.Done, o.Attempts = 1, 0
	q.wrote(ctx, q.cfg.Rows.Put(ctx, o, time.Now().Add(again)))
	return ended, nil
}

// end ends Kratos' sessions first, so that nobody signs in at Hydra by one of them meanwhile.
func (q *Queue) end(ctx context.Context, o Order) (all Ended, err error) {
	before, err := q.until(ctx, o)
	if err != nil {
		return all, err
	}
	if !o.gone() {
		if all, err = q.kratos.EndAccess(ctx, o.Identity, o.Keep, before); err != nil {
			return all, err
		}
	}
	more, err := q.hydra.EndAccess(ctx, o.Identity, before)
	return all.plus(more), err
}

// until is what an order that is carried out late leaves alone: what began since. A person who is active has signed
// in again, maybe. Zero is no limit.
func (q *Queue) until(ctx context.Context, o Order) (time.Time, error) {
	late := o.Done > 0 || time.Since(o.Noted) > Young
	if !late || o.gone() {
		return time.Time{}, nil
	}
	active, err := q.kratos.Active(ctx, o.Identity)
	if err != nil || !active {
		return time.Time{}, err
	}
	return o.Noted.Add(slack), nil
}

func (q *Queue) count(f func(*Stats)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f(&q.stats)
}

// wrote says when it could not be written down how far an order is: it is carried out again then.
func (q *Queue) wrote(ctx context.Context, err error) {
	if err != nil {
		q.cfg.Log.WarnContext(ctx, "order to end access not crossed out", "err", err)
	}
}
