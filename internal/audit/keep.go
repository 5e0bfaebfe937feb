package audit

import (
	"context"
	"time"
)

// anchorEvery is the time between anchors, and look how often a process looks whether one is due.
const (
	anchorEvery = time.Hour
	look        = time.Minute
)

// sweepEvery is after how many anchors keys are swept.
const sweepEvery = 24

// Keep anchors the chains, cuts off what is past the retention and sweeps keys, until the context ends. Every
// process may: whoever is first makes an anchor, and does the rest. The retention is asked for each time.
func (t *Trail) Keep(ctx context.Context, retention func() time.Duration) {
	if t.cfg.DB == nil {
		return
	}
	for {
		if err := t.keepOnce(ctx, retention()); err != nil && ctx.Err() == nil {
			t.cfg.Log.WarnContext(ctx, "audit trail not anchored", "err", err)
		}
		timer := time.NewTimer(look)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

func (t *Trail) keepOnce(ctx context.Context, retention time.Duration) error {
	newest, any, err := Newest(ctx, t.cfg.DB)
	if err != nil {
		return err
	}
	if any && t.cfg.Now().Sub(time.UnixMilli(newest.At)) < anchorEvery {
		t.anchored(newest)
		return nil
	}
	a, made, err := t.Anchor(ctx)
	if err != nil || !made {
		return err
	}
	t.anchored(a)
	t.cfg.Log.InfoContext(ctx, "audit anchor", "number", a.Number, "hash", a.Hash)
	if _, err := t.Prune(ctx, retention); err != nil {
		return err
	}
	if a.Number%sweepEvery == 1 {
		return t.Sweep(ctx)
	}
	return t.Rewrap(ctx)
}

func (t *Trail) anchored(a Anchor) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Anchor, t.stats.Anchored = a.Number, time.UnixMilli(a.At)
}
