package kratos

import (
	"context"

	"github.com/gofrs/uuid"
	"github.com/ory/kratos/courier"
)

// AddMessage tells of a mail in the context of the request that wants it.
func (p faults) AddMessage(ctx context.Context, m *courier.Message) error {
	err := p.Persister.AddMessage(ctx, m)
	if err == nil && p.queued != nil {
		p.queued(ctx, m.ID.String())
	}
	return err
}

// tracedQueue tells how long a mail takes: Kratos counts an attempt before it makes it, and writes down afterwards what came
// of it.
type tracedQueue struct {
	courier.Persister
	engine *Engine
}

// IncrementMessageSendCount implements courier.Persister.
func (q tracedQueue) IncrementMessageSendCount(ctx context.Context, id uuid.UUID) error {
	if done := q.engine.cfg.Sending(ctx, id.String()); done != nil {
		q.finish(id, MailFailed)
		q.engine.mails.Store(id, done)
	}
	return q.Persister.IncrementMessageSendCount(ctx, id)
}

// SetMessageStatus implements courier.Persister.
func (q tracedQueue) SetMessageStatus(ctx context.Context, id uuid.UUID, s courier.MessageStatus) error {
	if s == courier.MessageStatusSent {
		q.finish(id, MailSent)
	}
	return q.Persister.SetMessageStatus(ctx, id, s)
}

// RecordDispatch implements courier.Persister.
func (q tracedQueue) RecordDispatch(
	ctx context.Context, id uuid.UUID, s courier.CourierMessageDispatchStatus, cause error,
) error {
	if s == courier.CourierMessageDispatchStatusFailed {
		q.finish(id, MailFailed)
	}
	return q.Persister.RecordDispatch(ctx, id, s, cause)
}

func (q tracedQueue) finish(id uuid.UUID, outcome string) {
	if v, ok := q.engine.mails.LoadAndDelete(id); ok {
		v.(func(string))(outcome)
	}
}
