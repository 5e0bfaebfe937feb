package tracing

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Story is a sign-in: the first of its requests, to which all others are linked.
type Story struct {
	trace   trace.TraceID
	span    trace.SpanID
	sampled bool
}

// ID is what a sign-in is known by: the id of its first trace.
func (s Story) ID() string {
	if !s.valid() {
		return ""
	}
	return s.trace.String()
}

func (s Story) valid() bool { return s.trace.IsValid() && s.span.IsValid() }

// Text is what a sign-in is kept as, of the form of a traceparent.
func (s Story) Text() string {
	if !s.valid() {
		return ""
	}
	flags := "00"
	if s.sampled {
		flags = "01"
	}
	return "00-" + s.trace.String() + "-" + s.span.String() + "-" + flags
}

// ParseStory reads what Text says.
func ParseStory(text string) (Story, bool) {
	part := strings.Split(text, "-")
	if len(part) != 4 {
		return Story{}, false
	}
	var s Story
	var err error
	if s.trace, err = trace.TraceIDFromHex(part[1]); err != nil {
		return Story{}, false
	}
	if s.span, err = trace.SpanIDFromHex(part[2]); err != nil {
		return Story{}, false
	}
	s.sampled = part[3] == "01"
	return s, true
}

// Is reports whether there is one.
func (s Story) Is() bool { return s.valid() }

func (s Story) link() trace.Link {
	return trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: s.trace, SpanID: s.span, Remote: true})}
}

const (
	cookieName = "identityd_trace"
	// storyLife is how long a sign-in may take.
	storyLife = 30 * time.Minute
	packed    = 1 + 16 + 8 + 8
)

// Cookies carries sign-ins from step to step: a navigation has no traceparent.
type Cookies struct {
	// The first closes, all open.
	aeads []cipher.AEAD
	// Domain is where browsers send it, besides the host that set it.
	Domain string
}

// NewCookies takes keys of 32 bytes, the one that closes first.
func NewCookies(keys [][]byte, domain string) (*Cookies, error) {
	c := &Cookies{Domain: domain}
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("preparing the seal of traces: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("preparing the seal of traces: %w", err)
		}
		c.aeads = append(c.aeads, aead)
	}
	return c, nil
}

// Pack seals a sign-in that began at a moment.
func (c *Cookies) Pack(s Story, began time.Time) string {
	raw := make([]byte, 0, packed)
	flags := byte(0)
	if s.sampled {
		flags = 1
	}
	raw = append(raw, flags)
	raw = append(raw, s.trace[:]...)
	raw = append(raw, s.span[:]...)
	raw = binary.BigEndian.AppendUint64(raw, uint64(began.Unix())) //nolint:gosec // after 1970
	return base64.RawURLEncoding.EncodeToString(c.aeads[0].Seal(nil, nil, raw, []byte(cookieName)))
}

// Unpack opens what Pack has sealed and is not too old.
func (c *Cookies) Unpack(text string) (Story, bool) {
	const longest = 128
	if text == "" || len(text) > longest {
		return Story{}, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return Story{}, false
	}
	for _, aead := range c.aeads {
		raw, err := aead.Open(nil, nil, sealed, []byte(cookieName))
		if err != nil || len(raw) != packed {
			continue
		}
		s := Story{trace: trace.TraceID(raw[1:17]), span: trace.SpanID(raw[17:25]), sampled: raw[0]&1 == 1}
		age := time.Since(time.Unix(int64(binary.BigEndian.Uint64(raw[25:])), 0)) //nolint:gosec // we wrote it
		return s, s.valid() && age < storyLife && age > -time.Minute
	}
	return Story{}, false
}

// name is that of the cookie. The prefix keeps a sibling host from planting one of its own choice.
func (c *Cookies) name(secure bool) string {
	if secure && c.Domain == "" {
		return "__Host-" + cookieName
	}
	return cookieName
}

// Of returns the sign-in that a browser is in the middle of.
func (c *Cookies) Of(r *http.Request, secure bool) Story {
	if c == nil {
		return Story{}
	}
	cookie, err := r.Cookie(c.name(secure))
	if err != nil {
		return Story{}
	}
	s, ok := c.Unpack(cookie.Value)
	if !ok {
		return Story{}
	}
	return s
}

// Set has the browser remember a sign-in, or forget it.
func (c *Cookies) Set(h http.Header, s Story, secure bool) {
	if c == nil {
		return
	}
	cookie := &http.Cookie{
		Name: c.name(secure), Path: "/", Domain: c.Domain, MaxAge: -1, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
	if s.valid() {
		cookie.Value, cookie.MaxAge = c.Pack(s, time.Now()), int(storyLife/time.Second)
	}
	h.Add("Set-Cookie", cookie.String())
}
