package stack

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/why"
)

const (
	// mostTold bounds what one request may be told of, in either list.
	mostTold = 8
	// longestTold and longestReason bound a word and a sentence.
	longestTold, longestReason = 64, 240
)

// telling is what the line of a request says for `identityd why`. A handler that missed its deadline may still
// run, and tell.
type telling struct {
	mu             sync.Mutex
	client, reason string
	flows, causes  []string
	// code is what whoever asked is told, with the status decided.
	code    string
	decided int
}

// told takes what a part says of the request that ctx is in.
func told(ctx context.Context, t identity.Told) {
	if v, ok := ctx.Value(partKey{}).(*visit); ok {
		v.told.add(t)
		if t.Cause != "" {
			v.tally.Because(t.Cause)
		}
	}
}

func (t *telling) add(what identity.Told) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if what.Client != "" {
		t.client = loggable(what.Client, longestTold)
	}
	if what.Step != "" {
		t.flows = oneMore(t.flows, why.Mark(what.Step))
	}
	if what.Cause != "" {
		t.causes = oneMore(t.causes, loggable(what.Cause, longestTold))
		if what.Reason != "" {
			t.reason = loggable(tail(what.Reason, longestReason), longestReason)
		}
	}
}

func oneMore(list []string, word string) []string {
	if word == "" || len(list) >= mostTold || slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}

// attrs are those of the access line.
func (t *telling) attrs(to []slog.Attr) []slog.Attr {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.client != "" {
		to = append(to, slog.String("client_id", t.client))
	}
	if len(t.flows) > 0 {
		to = append(to, slog.String(why.FlowsKey, strings.Join(t.flows, " ")))
	}
	if len(t.causes) > 0 {
		to = append(to, slog.String(why.CauseKey, strings.Join(t.causes, " ")))
	}
	if t.reason != "" {
		to = append(to, slog.String("reason", t.reason))
	}
	if t.code != "" {
		to = append(to, slog.String(why.CodeKey, t.code))
	}
	return to
}

// asked takes what the address of a request says: which application, and which step of which sign-in.
func (t *telling) asked(r *http.Request) {
	if r.URL.RawQuery == "" {
		return
	}
	query := r.URL.Query()
	t.steps(query)
	if strings.HasSuffix(r.URL.Path, "/oauth2/auth") || strings.HasSuffix(r.URL.Path, "/oauth2/sessions/logout") {
		t.add(identity.Told{Client: query.Get("client_id")})
	}
}

// answered takes what a redirect says: to which step it leads, or which error it carries.
func (t *telling) answered(status int, h http.Header) {
	if status < http.StatusMultipleChoices || status >= http.StatusBadRequest {
		return
	}
	to, err := url.Parse(h.Get("Location"))
	if err != nil || to.RawQuery == "" && to.Fragment == "" {
		return
	}
	query := to.Query()
	if query.Get("error") == "" && strings.Contains(to.Fragment, "error=") { // how the answers of implicit flows go
		if query, err = url.ParseQuery(to.Fragment); err != nil {
			return
		}
	}
	t.steps(query)
	if code := query.Get("code"); strings.Contains(code, ".") {
		t.add(identity.Told{Step: code[strings.LastIndexByte(code, '.')+1:]})
	}
	if e := query.Get("error"); e != "" {
		t.add(identity.Told{Cause: why.OAuth + word(e), Reason: strings.TrimSpace(query.Get("error_description") + " " + query.Get("error_hint"))})
	}
}

// steps marks the parameters that lead from one step of a sign-in to the next. One-time codes, which are short
// enough to be found from a mark, are none of them.
func (t *telling) steps(query url.Values) {
	for _, name := range [...]string{
		"login_challenge", "login_verifier", "consent_challenge", "consent_verifier", "logout_challenge", "logout_verifier", "flow", "id",
	} {
		if v := query.Get(name); v != "" {
			t.add(identity.Told{Step: v})
		}
	}
}

// word is an error code as OAuth2 and Kratos have them, or what stands for one that is none.
func word(code string) string {
	for _, c := range code {
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return "other"
		}
	}
	return code
}

// tail leaves out sentences from the front of a reason that is too long: engines begin with what is always so, and
// end with what is.
func tail(reason string, most int) string {
	for len(reason) > most {
		_, rest, more := strings.Cut(reason, ". ")
		if !more {
			return reason
		}
		reason = rest
	}
	return reason
}

// loggable is text that others chose, fit for a line: printable, on one line, and not too long.
func loggable(text string, most int) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) > most {
		cut := most
		for cut > 0 && text[cut]&0xC0 == 0x80 { // not inside of a letter
			cut--
		}
		text = text[:cut]
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}
