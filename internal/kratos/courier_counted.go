package kratos

import (
	"context"

	"github.com/gofrs/uuid"
	"github.com/ory/kratos/courier"
)

// What came of a mail.
const (
	// MailSent was taken by the mail server.
	MailSent = "sent"
	// MailFailed is an attempt that failed.
	MailFailed = "failed"
	// MailGivenUp is a mail that nobody tries to send any longer.
	MailGivenUp = "given_up"
)

// countedQueue counts what the courier writes down of a mail.
type countedQueue struct {
	courier.Persister
	mailed func(outcome string)
}

// SetMessageStatus implements courier.Persister.
func (q countedQueue) SetMessageStatus(ctx context.Context, id uuid.UUID, s courier.MessageStatus) error {
	err := q.Persister.SetMessageStatus(ctx, id, s)
	switch {
	case err != nil:
	case s == courier.MessageStatusSent:
		q.mailed(MailSent)
	case s == courier.MessageStatusAbandoned:
		q.mailed(MailGivenUp)
	}
	return err
}

// RecordDispatch implements courier.Persister.
func (q countedQueue) RecordDispatch(
	ctx context.Context, id uuid.UUID, s courier.CourierMessageDispatchStatus, cause error,
) error {
	if s == courier.CourierMessageDispatchStatusFailed {
		q.mailed(MailFailed)
	}
	return q.Persister.RecordDispatch(ctx, id, s, cause)
}
