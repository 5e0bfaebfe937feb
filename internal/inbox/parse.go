package inbox

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-message"
	// For its effect: it teaches go-message every charset that mail is written in.
	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"

	"example.com/identityd/internal/identity"
)

// The limits of one mail's structure. go-message holds a buffer per level of nesting, so depth is
// what a hostile mail of a few kilobytes would grow in.
const (
	maxHeader = 64 << 10
	maxField  = 998 // characters, as RFC 5322 has it
	maxDepth  = 8
	maxParts  = 64
)

var errEnough = errors.New("enough parts")

// Parse reads a mail as far as it can be understood; it has no error, since what cannot be read is
// kept as plain text. from and to are those of the envelope: to is who the mail was really given to,
// from only stands in for a missing header. Date is now, the order of arrival, because the header's
// is the sender's word.
func Parse(raw []byte, from string, to []string, origins ...string) identity.Mail {
	m := identity.Mail{ID: rand.Text(), From: line(from), To: to, Date: time.Now()}
	for i := range m.To {
		m.To[i] = line(m.To[i])
	}
	entity, err := message.ReadWithOptions(bytes.NewReader(raw),
		&message.ReadOptions{MaxHeaderBytes: maxHeader})
	if entity == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		m.Text = text(raw)
		return found(m, origins)
	}
	header := mail.Header{Header: entity.Header}
	if s, _ := header.Subject(); s != "" {
		m.Subject = line(s)
	}
	if s := sender(header); s != "" {
		m.From = s
	}
	if !bodies(entity, &m) {
		m.Text = text(raw)
	}
	return found(m, origins)
}

// bodies takes the first plain text and the first HTML that are not attachments. It reports false
// when there is neither.
func bodies(root *message.Entity, m *identity.Mail) bool {
	var plain, html bool
	parts := 0
	// A broken tail loses its parts only: what was read before it stands.
	_ = root.Walk(func(path []int, e *message.Entity, _ error) error {
		if parts++; parts > maxParts || len(path) > maxDepth || plain && html {
			return errEnough
		}
		if d, _, _ := e.Header.ContentDisposition(); d == "attachment" {
			return nil
		}
		kind, _, err := e.Header.ContentType()
		switch {
		case !plain && (kind == "text/plain" || err != nil && len(path) == 0):
			m.Text, plain = text(read(e.Body)), true
		case !html && kind == "text/html":
			m.HTML, html = strings.ToValidUTF8(string(read(e.Body)), "\uFFFD"), true
		}
		return nil
	})
	return plain || html
}

// read returns what can be decoded: an error is that of a body that was not written as its header
// says, and half of it is more than none. The bound is for charsets that grow when they are decoded.
func read(r io.Reader) []byte {
	out, _ := io.ReadAll(io.LimitReader(r, maxMail))
	return out
}

func sender(h mail.Header) string {
	list, err := h.AddressList("From")
	if err != nil || len(list) == 0 {
		s, _ := h.Text("From")
		return line(s)
	}
	if list[0].Name == "" {
		return line(list[0].Address)
	}
	return line(list[0].Name + " <" + list[0].Address + ">")
}

// line makes a header field fit for one line of a page or a terminal.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if runes := []rune(s); len(runes) > maxField {
		s = string(runes[:maxField])
	}
	return strings.TrimSpace(s)
}

// text makes a body fit for a page: valid, with the line ends of a page, without control characters.
func text(raw []byte) string {
	s := strings.ReplaceAll(strings.ToValidUTF8(string(raw), "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}
