package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Message is what a receiver tells the person whom it refuses. Field is a trait, such as traits.email; empty is
// the whole form.
type Message struct{ Text, Field string }

// Verdict is what became of a question.
type Verdict struct {
	// Hook is who refused, or could not be asked; empty when it may happen.
	Hook string
	// Failed says that it could not be asked.
	Failed bool
	// Messages are for the person, clean and short. There may be none.
	Messages []Message
	// Claims are what receivers add to a token; unchecked.
	Claims map[string]any
}

// Refused reports whether it must not happen.
func (v Verdict) Refused() bool { return v.Hook != "" }

// Bounds of what a receiver tells.
const (
	maxMessages = 5
	maxText     = 300
)

var errCrowd = errors.New("too many requests wait for it already")

// Ask asks every receiver of an event, one after the other, until one refuses. It is called outside of every lock
// and transaction.
func (h *Hooks) Ask(ctx context.Context, e Event, o Occasion) (v Verdict) {
	for _, hook := range h.on(e) {
		one, err := h.ask(ctx, hook, e, o)
		h.count(func(s *Stats) {
			s.Asked++
			switch {
			case err != nil:
				s.Unasked++
			case one.Refused():
				s.Refused++
			}
		})
		switch {
		case err != nil && hook.Allow:
			h.cfg.Log.WarnContext(ctx, "hook could not be asked, going on without it", "hook", hook.Name, "event", string(e),
				"err", short(err.Error()))
			continue
		case err != nil:
			h.cfg.Log.ErrorContext(ctx, "hook could not be asked, refusing", "hook", hook.Name, "event", string(e),
				"subject", o.Subject, "client_id", o.Client, "err", short(err.Error()))
			return Verdict{Hook: hook.Name, Failed: true}
		case one.Refused():
			h.cfg.Log.InfoContext(ctx, "hook refused", "hook", hook.Name, "event", string(e), "subject", o.Subject, "client_id", o.Client)
			return one
		}
		for name, value := range one.Claims {
			if v.Claims == nil {
				v.Claims = map[string]any{}
			}
			v.Claims[name] = value
		}
	}
	return v
}

func (h *Hooks) ask(ctx context.Context, hook *Hook, e Event, o Occasion) (v Verdict, err error) {
	select {
	case hook.places <- struct{}{}:
		defer func() { <-hook.places }()
	default:
		return v, errCrowd
	}
	id := newID()
	body, err := hook.body(id, e, time.Now(), o, false)
	if err != nil {
		return v, err
	}
	status, answer, err := h.call(ctx, hook, id, body)
	if err != nil {
		return v, err
	}
	return judge(hook.Name, status, answer)
}

// judge reads an answer.
func judge(name string, status int, answer []byte) (v Verdict, err error) {
	var said struct {
		Message  json.RawMessage `json:"message"`
		Messages []said          `json:"messages"`
		Claims   map[string]any  `json:"claims"`
	}
	switch {
	case good(status):
		if len(strings.TrimSpace(string(answer))) > 0 && strings.HasPrefix(strings.TrimSpace(string(answer)), "{") {
			if err := json.Unmarshal(answer, &said); err != nil {
				return v, errors.New("answered with JSON that cannot be read")
			}
		}
		return Verdict{Claims: said.Claims}, nil
	case status != http.StatusForbidden:
		return v, &StatusError{status}
	}
	v.Hook = name
	if json.Unmarshal(answer, &said) != nil {
		return v, nil // it refuses, whatever it tries to say
	}
	if one, ok := message(said.Message); ok {
		v.add(one)
	}
	for _, one := range said.Messages {
		v.add(one)
	}
	return v, nil
}

type said struct {
	Text  string `json:"text"`
	Field string `json:"field"`
}

// message is a text, or an object as those of messages are.
func message(raw json.RawMessage) (one said, ok bool) {
	if len(raw) == 0 {
		return one, false
	}
	if json.Unmarshal(raw, &one.Text) == nil {
		return one, true
	}
	return one, json.Unmarshal(raw, &one) == nil
}

var fieldName = regexp.MustCompile(`^traits(\.[A-Za-z0-9_-]{1,64}){1,8}$`)

func (v *Verdict) add(one said) {
	text := clean(one.Text)
	if text == "" || len(v.Messages) == maxMessages {
		return
	}
	if !fieldName.MatchString(one.Field) {
		one.Field = ""
	}
	v.Messages = append(v.Messages, Message{Text: text, Field: one.Field})
}

// clean leaves one line of text that is what it looks like: no controls, no marks that turn the direction.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c), unicode.Is(unicode.Cf, c), unicode.Is(unicode.Co, c):
			return -1
		}
		return c
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if list := []rune(text); len(list) > maxText {
		text = strings.TrimSpace(string(list[:maxText-1])) + "…"
	}
	return text
}

func short(reason string) string {
	const most = 300
	if len(reason) > most {
		return strings.ToValidUTF8(reason[:most], "")
	}
	return reason
}
