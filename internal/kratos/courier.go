package kratos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofrs/uuid"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/ory/kratos/courier"
	kdriver "github.com/ory/kratos/driver"
	"github.com/ory/x/httpx"
	"github.com/ory/x/pagination/keysetpagination"

	"example.com/identityd/internal/ory"
)

// How often the queue is looked at, and how long a mail that is being sent may still take after the
// stop began: sent but not marked as sent is a mail sent twice.
const (
	courierPull  = time.Second
	courierGrace = 3 * time.Second
	// handedOver is the same where another engine goes on, which would send again what was being sent.
	handedOver = 30 * time.Second
)

// ErrReplaced is the cause of a context of Deliver that ends because another engine takes its place.
var ErrReplaced = errors.New("another engine has taken its place")

// Deliver sends queued mail until ctx ends. It is a loop of ours because upstream's leaks a goroutine
// and panics on a closed channel when it is stopped (docs/ory-quirks.md#q26). A failure is logged and
// tried again: an outage of the mail server or of the database is no reason to end the process. It has
// to be the only one that sends: what another process was sending when it ended is taken up again.
func (e *Engine) Deliver(ctx context.Context) error {
	c, err := courier.NewCourierWithCustomTemplates(ctx, courierDeps{Registry: e.registry, engine: e}, fromQueue)
	if err != nil {
		return err
	}
	tick := time.NewTicker(courierPull)
	defer tick.Stop()
	failing, stray := false, true
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var err error
		if stray {
			err = e.requeue(ctx)
		}
		if err == nil {
			err = dispatch(ctx, c)
			stray = err != nil
		}
		switch {
		case err != nil && ctx.Err() == nil && !failing:
			e.cfg.Log.WarnContext(ctx, "mail queue cannot be read", "err", err)
			failing = true // once per outage, not once per second
		case err == nil && failing:
			e.cfg.Log.InfoContext(ctx, "mail queue can be read again")
			failing = false
		}
	}
}

// requeue puts mail back into the queue that was marked as being sent by a process that ended, or whose
// mark could not be taken off while the database was away. Upstream never looks at it again
// (docs/ory-quirks.md#q37). Nothing is being sent when it is called.
func (e *Engine) requeue(ctx context.Context) error {
	var (
		n   int
		err error
	)
	ok := e.serial.Do(ctx, func() {
		n, err = e.registry.Persister().GetConnection(ctx).RawQuery(
			"UPDATE courier_messages SET status = ? WHERE status = ? AND nid = ?",
			courier.MessageStatusQueued, courier.MessageStatusProcessing, e.network.Network(ctx, uuid.Nil),
		).ExecWithCount()
	})
	switch {
	case !ok:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("taking up mail that was being sent: %w", err)
	case n > 0:
		e.cfg.Log.WarnContext(ctx, "mail was left in the middle of being sent; it is sent again", "count", n)
	}
	return nil
}

func dispatch(ctx context.Context, c courier.Courier) error {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		grace := courierGrace
		if errors.Is(context.Cause(ctx), ErrReplaced) {
			grace = handedOver
		}
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(inner, func() { timer.Stop() })
	})
	defer stop()
	return c.DispatchQueue(inner)
}

// courierDeps gives the courier a persister that takes the lock of SerializeWrites for each of its
// statements, and never while a mail server is being talked to.
type courierDeps struct {
	kdriver.Registry
	engine *Engine
}

// CourierPersister implements kratos' courier.PersistenceProvider.
func (d courierDeps) CourierPersister() courier.Persister {
	p := d.Registry.CourierPersister()
	if d.engine.serial != nil {
		p = lockedQueue{Persister: p, lock: d.engine.serial}
	}
	if d.engine.cfg.Mailed != nil {
		p = countedQueue{p, d.engine.cfg.Mailed}
	}
	if d.engine.cfg.Sending != nil {
		p = tracedQueue{p, d.engine}
	}
	return p
}

// HTTPClient implements kratos' x.HTTPClientProvider.
func (d courierDeps) HTTPClient(ctx context.Context, opts ...httpx.ResilientOptions) *retryablehttp.Client {
	return outgoing{engine: d.engine}.HTTPClient(ctx, opts...)
}

type lockedQueue struct {
	courier.Persister
	lock *ory.Serializer
}

// run returns the error of f, or that of a context that ended before the lock was free.
func (q lockedQueue) run(ctx context.Context, f func() error) error {
	var err error
	if !q.lock.Do(ctx, func() { err = f() }) {
		return ctx.Err()
	}
	return err
}

// NextMessages implements courier.Persister.
func (q lockedQueue) NextMessages(ctx context.Context, limit uint8) (out []courier.Message, err error) {
	err = q.run(ctx, func() error {
		var e error
		out, e = q.Persister.NextMessages(ctx, limit)
		return e
	})
	return out, err
}

// SetMessageStatus implements courier.Persister.
func (q lockedQueue) SetMessageStatus(ctx context.Context, id uuid.UUID, s courier.MessageStatus) error {
	return q.run(ctx, func() error { return q.Persister.SetMessageStatus(ctx, id, s) })
}

// IncrementMessageSendCount implements courier.Persister.
func (q lockedQueue) IncrementMessageSendCount(ctx context.Context, id uuid.UUID) error {
	return q.run(ctx, func() error { return q.Persister.IncrementMessageSendCount(ctx, id) })
}

// RecordDispatch implements courier.Persister.
func (q lockedQueue) RecordDispatch(
	ctx context.Context, id uuid.UUID, s courier.CourierMessageDispatchStatus, cause error,
) error {
	return q.run(ctx, func() error { return q.Persister.RecordDispatch(ctx, id, s, cause) })
}

// ListMessages implements courier.Persister.
func (q lockedQueue) ListMessages(
	ctx context.Context, p courier.ListCourierMessagesParameters, opts []keysetpagination.Option,
) ([]courier.Message, int64, *keysetpagination.Paginator, error) {
	return q.Persister.ListMessages(ctx, p, opts)
}
