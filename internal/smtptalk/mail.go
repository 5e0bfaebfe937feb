package smtptalk

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/emersion/go-message/mail"
)

// Mail is a mail in two forms, one of which a reader shows.
type Mail struct {
	From, FromName, To  string
	Subject, Text, HTML string
	// Headers are further ones, such as Reply-To.
	Headers map[string]string
}

// bytes writes the mail out as the courier does: no Message-ID, which the first server adds.
func (m Mail) bytes(now time.Time) ([]byte, error) {
	var h mail.Header
	h.SetDate(now)
	h.SetAddressList("From", []*mail.Address{{Name: m.FromName, Address: m.From}})
	h.SetAddressList("To", []*mail.Address{{Address: m.To}})
	h.SetSubject(m.Subject)
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		h.SetText(name, m.Headers[name])
	}
	var out bytes.Buffer
	w, err := mail.CreateInlineWriter(&out, h)
	if err != nil {
		return nil, fmt.Errorf("writing the head of a mail: %w", err)
	}
	for _, part := range []struct{ kind, text string }{{"text/plain", m.Text}, {"text/html", m.HTML}} {
		var ph mail.InlineHeader
		ph.SetContentType(part.kind, map[string]string{"charset": "UTF-8"})
		ph.Set("Content-Transfer-Encoding", "quoted-printable")
		p, err := w.CreatePart(ph)
		if err != nil {
			return nil, fmt.Errorf("writing a part of a mail: %w", err)
		}
		if _, err := io.WriteString(p, part.text); err != nil {
			return nil, fmt.Errorf("writing a part of a mail: %w", err)
		}
		if err := p.Close(); err != nil {
			return nil, fmt.Errorf("writing a part of a mail: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("writing a mail: %w", err)
	}
	return out.Bytes(), nil
}
