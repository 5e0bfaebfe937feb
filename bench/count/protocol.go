package count

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"regexp"
	"strings"
)

// conversation is one connection, in the words of PostgreSQL's protocol 3: a type, a length that counts itself, a body.
type conversation struct {
	proxy *Proxy
	// named are the texts of prepared statements, portals those that are bound; only forward touches them.
	named, portals map[string]string
}

// forward carries what the side sends.
func (c *conversation) forward(from io.Reader, to io.Writer) {
	r, w := bufio.NewReaderSize(from, 64<<10), bufio.NewWriterSize(to, 64<<10)
	// The greeting has no type.
	if !c.message(r, w, false, func(_ byte, n int, _ []byte) { c.proxy.add(func(t *Traffic) { t.Sent += n }) }) {
		return
	}
	for c.message(r, w, true, c.sent) {
	}
}

// back carries what the server answers. It is ready for the next request once for each that was waited for, and once after the greeting.
func (c *conversation) back(from io.Reader, to io.Writer) {
	r, w := bufio.NewReaderSize(from, 64<<10), bufio.NewWriterSize(to, 64<<10)
	greeted := false
	for c.message(r, w, true, func(kind byte, n int, _ []byte) {
		c.proxy.add(func(t *Traffic) {
			t.Received += n
			if kind == 'Z' && greeted {
				t.RoundTrips++
			}
		})
		greeted = greeted || kind == 'Z'
	}) {
	}
}

// message carries one over and lets see what was in it.
func (c *conversation) message(r *bufio.Reader, w *bufio.Writer, typed bool, see func(kind byte, n int, body []byte)) bool {
	header := make([]byte, 4, 5)
	if typed {
		header = header[:5]
	}
	if _, err := io.ReadFull(r, header); err != nil {
		return false
	}
	size := int(binary.BigEndian.Uint32(header[len(header)-4:])) - 4
	if size < 0 || size > 1<<30 {
		return false
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return false
	}
	// Counted before it is passed on: who has an answer finds it counted.
	see(header[0], len(header)+size, body)
	if _, err := w.Write(header); err != nil {
		return false
	}
	if _, err := w.Write(body); err != nil {
		return false
	}
	return r.Buffered() > 0 || w.Flush() == nil
}

func (c *conversation) sent(kind byte, n int, body []byte) {
	text, executed := "", false
	switch kind {
	case 'Q':
		text, executed = first(body), true
	case 'P':
		name := first(body)
		c.named[name] = first(body[min(len(body), len(name)+1):])
	case 'B':
		portal := first(body)
		c.portals[portal] = c.named[first(body[min(len(body), len(portal)+1):])]
	case 'E':
		text, executed = c.portals[first(body)], true
	}
	c.proxy.add(func(t *Traffic) {
		t.Sent += n
		switch {
		case !executed:
		case isControl(text):
			t.Control++
		default:
			t.Statements++
			t.Texts[normal(text)]++
		}
	})
}

func first(body []byte) string {
	before, _, _ := bytes.Cut(body, []byte{0})
	return string(before)
}

func isControl(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, word := range []string{"begin", "start transaction", "commit", "rollback", "savepoint", "release", "--", ";"} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return text == ""
}

// normal makes texts alike that differ in white space and in how many values they bring.
func normal(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return regexp.MustCompile(`\((\$\d+|\?)(, ?(\$\d+|\?))+\)`).ReplaceAllString(text, "(...)")
}
