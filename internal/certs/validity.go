package certs

import (
	"context"
	"time"
)

// soon is when a certificate that was not renewed is worth a warning: automatic renewals happen with
// a third of the lifetime left, thirty days of ninety.
const soon = 14 * 24 * time.Hour

// again is how long after a warning the same is said again: nobody reads a line of two weeks ago.
const again = 24 * time.Hour

// validity is what there is to say about the dates of a certificate, each once a day.
type validity int

const (
	valid validity = iota
	future
	expiring
	expired
)

func (r *Reloader) warn(ctx context.Context) {
	leaf, now := r.serving.Load().Leaf, time.Now()
	state := valid
	switch {
	case now.After(leaf.NotAfter):
		state = expired
	case now.Before(leaf.NotBefore):
		state = future
	// A short-lived certificate is not about to expire for the whole of its life.
	case leaf.NotAfter.Sub(now) < min(soon, leaf.NotAfter.Sub(leaf.NotBefore)/5):
		state = expiring
	}
	if state == r.warned && now.Sub(r.said) < again {
		return
	}
	r.warned, r.said = state, now
	log := r.log.With("not_before", leaf.NotBefore, "not_after", leaf.NotAfter)
	switch state {
	case expired:
		log.WarnContext(ctx, "certificate has expired, browsers will refuse it")
	case future:
		log.WarnContext(ctx, "certificate is not valid yet, browsers will refuse it")
	case expiring:
		log.WarnContext(ctx, "certificate expires soon and was not renewed")
	case valid:
	}
}
