package stack

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/tracing"
)

// mostMails bounds how many mails on their way are remembered.
const mostMails = 1024

// tracedMails remembers which requests wanted the mails that this process has still to send. Who wanted a mail of
// another process is not known here.
type tracedMails struct {
	mu    sync.Mutex
	from  map[string]mailFrom
	order []string
}

// mailFrom is the request that wanted a mail, and the sign-in that it is a step of.
type mailFrom struct {
	request trace.SpanContext
	story   tracing.Story
}

func (m *tracedMails) queued(ctx context.Context, mail string) {
	v, ok := ctx.Value(partKey{}).(*visit)
	if !ok || v.traced == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.from == nil {
		m.from = map[string]mailFrom{}
	}
	m.from[mail] = mailFrom{v.traced.Root().SpanContext(), v.traced.Story()}
	if m.order = append(m.order, mail); len(m.order) > mostMails {
		delete(m.from, m.order[0])
		m.order = m.order[1:]
	}
}

func (m *tracedMails) of(mail string) (mailFrom, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, ok := m.from[mail]
	return from, ok
}

// sendingMail opens the trace of a mail, and returns what closes it.
func (s *Stack) sendingMail(ctx context.Context, mail string) func(outcome string) {
	_, job := s.traces.Job(ctx, "mail")
	if job == nil {
		return nil
	}
	if from, ok := s.mails.of(mail); ok {
		job.Follow(from.request)
		job.Join(from.story)
	}
	return func(outcome string) {
		failed := outcome != kratos.MailSent
		attrs := []attribute.KeyValue{attribute.String("identityd.mail", outcome)}
		if failed {
			attrs = append(attrs, attribute.String("error.type", "mail"))
		}
		job.End(tracing.Outcome{Failed: failed, Fault: failed, Attrs: attrs})
	}
}
