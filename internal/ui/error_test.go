package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/identity"
)

func TestCodesBecomePages(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		status int
		says   string
	}{
		"bad request":  {&identity.Error{Code: identity.BadRequest, Message: "Odd."}, 400, "Odd."},
		"no session":   {&identity.Error{Code: identity.NoSession, Message: "Who?"}, 401, "Who?"},
		"aal required": {&identity.Error{Code: identity.AALRequired, Message: "More."}, 403, "More."},
		"forbidden":    {&identity.Error{Code: identity.Forbidden, Message: "No."}, 403, "No."},
		"not found":    {&identity.Error{Code: identity.NotFound, Message: "Gone?"}, 404, "Gone?"},
		"gone":         {&identity.Error{Code: identity.Gone, Message: "Used."}, 410, "Used."},
		"unavailable": {
			&identity.Error{Code: identity.Unavailable, Message: "dial tcp 10.0.0.1"}, 503,
			"Part of this service is not answering at the moment.",
		},
		"out of time": {
			fmt.Errorf("asking: %w", context.DeadlineExceeded), 503,
			"Part of this service is not answering at the moment.",
		},
		"internal": {
			&identity.Error{Code: identity.Internal, Message: "SELECT secret"}, 500, "This is our fault, not yours. Please try again in a moment.",
		},
		"no code at all": {errors.New("SELECT secret"), 500, "This is our fault, not yours. Please try again in a moment."},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.consentRequest = func(string) (*identity.ConsentRequest, error) { return nil, tt.err }
			got := newBrowser(t, newUI(t, f)).get("/consent?consent_challenge=c")
			page := got.shows(tt.status)
			if says := page.Text(".lead"); says != tt.says {
				t.Errorf("sentence: got %q, want %q", says, tt.says)
			}
			if foot := page.Text(".foot"); !strings.Contains(foot, "req-42") {
				t.Errorf("foot %q does not name the request", foot)
			}
			if retry := got.header.Get("Retry-After"); (retry != "") != (tt.status == 503) {
				t.Errorf("Retry-After: got %q with status %d", retry, tt.status)
			}
			for _, secret := range []string{"SELECT", "10.0.0.1"} {
				if strings.Contains(got.body, secret) {
					t.Errorf("the page shows %q", secret)
				}
			}
		})
	}
}

func TestFailuresAreLoggedOnceWithoutWhatTheBrowserSent(t *testing.T) {
	var logged bytes.Buffer
	cfg := config(engines())
	cfg.Log = slog.New(slog.NewTextHandler(&logged, nil))
	challenge := "secret-challenge=="
	failing := engines()
	failing.consentRequest = func(c string) (*identity.ConsentRequest, error) {
		return nil, &url.Error{
			Op: "Get", URL: hydraURL + "/?c=" + url.QueryEscape(c), Err: errors.New("boom " + c),
		}
	}
	cfg.OAuth2 = failing
	newBrowser(t, newUIWith(t, cfg)).get("/consent?consent_challenge=" + url.QueryEscape(challenge))
	got := logged.String()
	if n := strings.Count(got, "\n"); n != 1 {
		t.Errorf("got %d lines, want 1:\n%s", n, got)
	}
	for _, want := range []string{"boom", "request_id=req-42", "path=/consent", "level=ERROR"} {
		if !strings.Contains(got, want) {
			t.Errorf("log %q lacks %s", got, want)
		}
	}
	if strings.Contains(got, "secret-challenge") {
		t.Errorf("log %q holds the challenge", got)
	}
}

func TestStoredFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		stored *identity.FlowError
		status int
		detail string
	}{
		"a refusal keeps its status and shows the reason as a detail": {
			&identity.FlowError{Status: 400, Reason: "bad return_to"}, 400, "bad return_to",
		},
		"a CSRF failure is a 403": {&identity.FlowError{Status: 403, Message: "csrf"}, 403, "csrf"},
		"a failure of ours shows nothing": {
			&identity.FlowError{Status: 502, Reason: "SQLSTATE 40001"}, 500, "",
		},
		"a status that makes no sense is a 500": {&identity.FlowError{Status: 200}, 500, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.flowError = func(id string) (*identity.FlowError, error) {
				if id != "e-1" {
					t.Errorf("id: got %q, want e-1", id)
				}
				return tt.stored, nil
			}
			page := newBrowser(t, newUI(t, f)).get("/error?id=e-1").shows(tt.status)
			if tt.detail == "" {
				page.Missing("details")
			} else if got := page.Text("dd"); got != tt.detail {
				t.Errorf("detail: got %q, want %q", got, tt.detail)
			}
		})
	}
	t.Run("one that is not on record is a 404", func(t *testing.T) {
		f := engines()
		f.flowError = func(string) (*identity.FlowError, error) {
			return nil, &identity.Error{Code: identity.NotFound}
		}
		newBrowser(t, newUI(t, f)).get("/error?id=e-1").shows(http.StatusNotFound)
	})
	for _, query := range []string{"", "?id=", "?id=a%20b", "?id=" + strings.Repeat("a", 65)} {
		newBrowser(t, newUI(t, engines())).get("/error" + query).shows(http.StatusNotFound)
	}
}

func TestOAuthFailures(t *testing.T) {
	b := newBrowser(t, newUI(t, engines()))
	for code, status := range map[string]int{
		"invalid_client": 400, "access_denied": 400, "login_required": 400, "invalid_scope": 400,
		"request_forbidden": 400, "never_heard_of": 400, "server_error": 500,
		"temporarily_unavailable": 503,
	} {
		page := b.get("/error?error=" + code).shows(status)
		if got := page.Text("dd"); got != code {
			t.Errorf("detail: got %q, want %q", got, code)
		}
	}
	long := url.Values{
		"error": {"invalid_request"}, "error_hint": {"<b>call\u202e 555</b>\r\n"},
		"error_description": {strings.Repeat("x", 5000)},
	}
	page := b.get("/error?" + long.Encode()).shows(400)
	if got, want := len([]rune(page.Text("dd:nth-of-type(2)"))), maxSentence+1; got != want {
		t.Errorf("description: got %d characters, want %d", got, want)
	}
	if got, want := page.Text("dd:nth-of-type(3)"), "<b>call 555</b>"; got != want {
		t.Errorf("hint: got %q, want %q", got, want)
	}
}

func TestUnknownPagesAndMethods(t *testing.T) {
	b := newBrowser(t, newUI(t, engines()))
	for _, path := range []string{
		"/nope", "/account/x", "/account/inbox/m1/x", "/recovery/x", "/login/x",
		"/assets/app.css", "/assets/none.css",
	} {
		b.get(path).shows(http.StatusNotFound)
	}
	got := b.do("DELETE", "/consent", nil)
	got.shows(http.StatusMethodNotAllowed)
	if got, want := got.header.Get("Allow"), "GET, POST"; got != want {
		t.Errorf("Allow: got %q, want %q", got, want)
	}
}

func TestABrowserThatHasGoneGetsNoPage(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	f := engines()
	f.whoami = func(string) (*identity.Session, error) {
		cancel()
		return nil, ctx.Err()
	}
	u := newUI(t, f)
	r, _ := http.NewRequestWithContext(ctx, "GET", "/", nil)
	w := &countingWriter{header: http.Header{}}
	u.ServeHTTP(w, r)
	if w.writes != 0 {
		t.Errorf("got %d writes, want none", w.writes)
	}
}

type countingWriter struct {
	header http.Header
	writes int
}

func (w *countingWriter) Header() http.Header { return w.header }
func (w *countingWriter) WriteHeader(int)     { w.writes++ }

func (w *countingWriter) Write(b []byte) (int, error) {
	w.writes++
	return len(b), nil
}
