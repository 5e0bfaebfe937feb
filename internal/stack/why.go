package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/why"
)

// Remembered is what a running process remembers of a request and of the sign-in that it is a step of.
type Remembered struct {
	// Lines are those of its log, as it wrote them.
	Lines []json.RawMessage `json:"lines"`
	// Since is how far back it remembers what is of a sign-in or went wrong, and Plain the same for other requests.
	Since time.Time `json:"since"`
	Plain time.Time `json:"plain_since"`
}

// serveWhy answers a command that asks for a request.
func (s *Stack) serveWhy(w http.ResponseWriter, r *http.Request) {
	out := Remembered{Lines: []json.RawMessage{}}
	if m := s.opts.Memory; m != nil {
		var lines []why.Line
		var raw [][]byte
		for _, text := range m.Lines() {
			if l, ok := why.Parse(text); ok {
				lines, raw = append(lines, l), append(raw, text)
			}
		}
		wanted := map[string]bool{}
		for _, l := range why.Gather(lines, r.URL.Query().Get("id")) {
			wanted[l.Request] = true
		}
		for i, l := range lines {
			if wanted[l.Request] {
				out.Lines = append(out.Lines, raw[i])
			}
		}
		out.Since, out.Plain = m.Since()
	}
	control.JSON(w, out)
}

// aroundEvents is how far from an event of the trail others of the same person are told with it, where no log tells
// which belong together.
const aroundEvents = 10 * time.Minute

// Why reads what the trail has of these requests. Of a request that it is asked for alone it finds what the same
// person did shortly before and after.
func (b *AuditBook) Why(ctx context.Context, requests []string) ([]why.Event, error) {
	var out []why.Event
	subject, session := "", ""
	var at time.Time
	err := b.reader.Each(ctx, audit.Filter{Requests: requests}, func(r audit.Read) error {
		out = append(out, eventOf(r))
		if r.Subject != "" && r.Actor == audit.ActorPerson {
			subject, session, at = r.Subject, r.Session, r.When()
		}
		return nil
	})
	if err != nil || len(requests) != 1 || subject == "" {
		return out, err
	}
	near := audit.Filter{Subject: subject, Since: at.Add(-aroundEvents), Until: at.Add(aroundEvents)}
	err = b.reader.Each(ctx, near, func(r audit.Read) error {
		if r.Request != "" && r.Request != requests[0] && (r.Session == "" || session == "" || r.Session == session) {
			out = append(out, eventOf(r))
		}
		return nil
	})
	return out, err
}

func eventOf(r audit.Read) why.Event {
	e := why.Event{
		At: r.When().UTC(), Kind: r.Kind, Outcome: string(r.Outcome), By: r.Actor, Subject: r.Subject, Client: r.Client,
		Session: r.Session, Request: r.Request,
	}
	// Written by us, as an object of texts.
	_ = json.Unmarshal([]byte(r.Details), &e.Details)
	return e
}

// Mails are those that were written between two moments, at most so many as anybody reads.
func (b *AuditBook) Mails(ctx context.Context, from, until time.Time) ([]why.Mail, error) {
	const most = 20
	when, args := "created_at BETWEEN $1 AND $2", []any{from.UTC(), until.UTC()}
	if b.dbs.dialect == store.SQLite {
		when, args = "unixepoch(created_at) BETWEEN $1 AND $2", []any{from.Unix(), until.Unix()}
	}
	rows, err := b.dbs.kratos.QueryContext(ctx, "SELECT template_type, status, send_count FROM courier_messages WHERE "+when+
		" ORDER BY created_at LIMIT "+strconv.Itoa(most), args...)
	if err != nil {
		return nil, fmt.Errorf("looking for mails: %w", err)
	}
	defer rows.Close()
	var out []why.Mail
	for rows.Next() {
		m := why.Mail{At: from}
		var status int
		if err := rows.Scan(&m.Template, &status, &m.Attempts); err != nil {
			return nil, fmt.Errorf("looking for mails: %w", err)
		}
		// What Kratos calls them (kratos: courier/message.go).
		m.Status = map[int]string{2: why.MailSent, 4: why.MailGivenUp}[status]
		if m.Status == "" {
			m.Status = why.MailWaiting
		}
		out = append(out, m)
	}
	return out, rows.Err()
}
