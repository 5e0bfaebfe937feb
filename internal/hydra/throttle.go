package hydra

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/throttle"
)

// tokenBody bounds what is read of a request in which an application proves itself, as fosite does.
const tokenBody = 1 << 20

// throttled asks before the secret of an application is tried. What else is posted there cannot be guessed:
// codes and tokens are random. It stands outside of everything that a request can hold.
func (e *Engine) throttled(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client, assertion, tries := triesSecret(r, e.cfg.Counted)
		if client != "" {
			e.told(r.Context(), identity.Told{Client: client})
		}
		if why := untimely(assertion, time.Now()); why != "" && !e.cfg.Unfixed {
			e.refuseAssertion(w, r, why)
			return
		}
		if !tries || e.cfg.Attempts == nil {
			next.ServeHTTP(w, r)
			return
		}
		end, until := e.cfg.Attempts.Begin(r, identity.Attempt{Kind: string(throttle.Client), Account: client})
		if end == nil {
			e.refuse(w, r, until)
			return
		}
		how := identity.AttemptDropped // what a panic leaves
		defer func() { end(context.WithoutCancel(r.Context()), how) }()
		out := &watched{ResponseWriter: w}
		next.ServeHTTP(out, r)
		switch {
		case out.status >= http.StatusInternalServerError:
		case out.status == http.StatusUnauthorized:
			how = identity.AttemptFailed
		default:
			how = identity.AttemptSucceeded
		}
	})
}

func (e *Engine) told(ctx context.Context, t identity.Told) {
	if e.cfg.Told != nil {
		e.cfg.Told(ctx, t)
	}
}

func (e *Engine) refuse(w http.ResponseWriter, r *http.Request, until time.Time) {
	e.answerTo(w, r, func(w http.ResponseWriter, r *http.Request) { e.cfg.TooMany(w, r, until) })
}

// answerTo answers in front of Hydra, with the headers that scripts of other origins need.
func (e *Engine) answerTo(w http.ResponseWriter, r *http.Request, answer http.HandlerFunc) {
	e.scripts(answer).ServeHTTP(w, r)
}

// triesSecret says which application a request wants to be, as fosite reads it (fosite:
// client_authentication.go), and whether it brings a secret or an assertion.
func triesSecret(r *http.Request, counted func(context.Context, identity.Counted)) (client, assertion string, tries bool) {
	p := path.Clean("/" + r.URL.Path)
	if r.Method != http.MethodPost || p != "/oauth2/token" && p != "/oauth2/revoke" {
		return "", "", false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, tokenBody))
	if counted != nil && p == "/oauth2/token" {
		counted(r.Context(), identity.Counted{Grant: grantType(body)})
	}
	// What is left is for fosite to meet, the error included.
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), failing{err}, r.Body), r.Body}
	if id, _, ok := r.BasicAuth(); ok {
		if plain, err := url.QueryUnescape(id); err == nil {
			id = plain
		}
		return id, "", true
	}
	// A copy, so that fosite parses the original by itself.
	in := (&http.Request{Method: r.Method, URL: &url.URL{}, Header: r.Header, Body: io.NopCloser(bytes.NewReader(body))}).WithContext(r.Context())
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if in.ParseMultipartForm(tokenBody) == nil {
			defer in.MultipartForm.RemoveAll() //nolint:errcheck // nothing of that size is on disk
		}
	} else if in.ParseForm() != nil {
		return "", "", false
	}
	form := in.PostForm
	assertion = form.Get("client_assertion")
	return form.Get("client_id"), assertion, form.Get("client_secret") != "" || assertion != ""
}

// grantType finds the parameter in a form without reading all of it, and returns what is sent there: only what is in
// the list of internal/tally is counted by its name.
func grantType(body []byte) string {
	const name = "grant_type="
	for pair := range bytes.SplitSeq(body, []byte("&")) {
		value, ok := bytes.CutPrefix(pair, []byte(name))
		if !ok {
			continue
		}
		sent := string(value)
		if strings.Contains(sent, "%") {
			if plain, err := url.QueryUnescape(sent); err == nil {
				sent = plain
			}
		}
		return sent
	}
	return ""
}

// failing repeats the error at which a body was left, if there was one.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// watched notes the status of an answer.
type watched struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *watched) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find what is below.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
