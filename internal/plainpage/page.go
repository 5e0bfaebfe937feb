package plainpage

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"example.com/identityd/internal/locale"
)

// Kind is what happened.
type Kind int

// The kinds.
const (
	// Starting pages ask again by themselves.
	Starting Kind = iota
	// Away is for answers that nobody can give at the moment.
	Away
	// Failed is for faults of ours.
	Failed
	// TooLarge is for what was sent.
	TooLarge
)

//go:embed page.html
var source string

//go:embed page.css
var style string

// Pages writes pages in the languages of the texts, under one name.
type Pages struct {
	// Code tells the code of the failure that a request is answered with; nil is allowed.
	Code func(ctx context.Context, status int) string

	texts *locale.Texts
	brand string
	tmpl  *template.Template
	style template.CSS
	csp   string
}

// New prepares the page. brand is what the service is called.
func New(texts *locale.Texts, brand string) (*Pages, error) {
	t, err := template.New("plain").Parse(source)
	if err != nil {
		return nil, fmt.Errorf("parsing the plain page: %w", err)
	}
	// The hash admits these styles and no others (CSP Level 3 section 8.3).
	css := strings.TrimSpace(style)
	sum := sha256.Sum256([]byte(css))
	return &Pages{
		texts: texts, brand: brand, tmpl: t,
		style: template.CSS(css), //nolint:gosec // our own file
		csp: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
	}, nil
}

type data struct {
	Lang, Dir, Brand         string
	Title, Sentence, Request string
	Code                     string
	Style                    template.CSS
	Reload                   int
	// SignedIn says as whom.
	SignedIn string
	Links    []Link
}

// reloadSeconds is how soon a page asks again that appeared because the process is starting.
const reloadSeconds = 2

type key struct{}

// Middleware puts the pages into the context of requests, where Write finds them.
func (p *Pages) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(p.Within(r.Context())))
	})
}

// Within returns a context in which Write finds the pages.
func (p *Pages) Within(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, p) }

// Write answers with the page of a kind, and reports whether it did: not without the pages in the
// context of the request. Nothing but the id of the request is told of what happened.
func Write(w http.ResponseWriter, r *http.Request, status int, kind Kind, requestID string) bool {
	return render(w, r, status, func(say *locale.Printer) data {
		d := data{Request: requestID}
		d.Title, d.Sentence = words(say, kind)
		if kind == Starting && r.Method == http.MethodGet {
			d.Reload = reloadSeconds
		}
		return d
	})
}

func render(w http.ResponseWriter, r *http.Request, status int, fill func(*locale.Printer) data) bool {
	p, ok := r.Context().Value(key{}).(*Pages)
	if !ok {
		return false
	}
	speak := p.texts.Match("", strings.Join(r.Header.Values("Accept-Language"), ","))
	d := fill(speak)
	if p.Code != nil && d.Request != "" {
		d.Code = p.Code(r.Context(), status)
	}
	d.Lang, d.Dir, d.Brand, d.Style = speak.Lang(), speak.Dir(), p.brand, p.style
	var body strings.Builder
	if err := p.tmpl.Execute(&body, d); err != nil {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.csp)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	// The client may be gone; there is nobody to tell.
	_, _ = w.Write([]byte(body.String()))
	return true
}

// words never say database to a person: it is nothing they could mend.
func words(p *locale.Printer, kind Kind) (title, sentence string) {
	switch kind {
	case Starting:
		return p.Text("We will be right back"), p.Text("The service is just starting. This page tries again by itself.")
	case Away:
		return p.Text("We cannot answer right now"),
			p.Text("This says nothing about your account or your sign-in. Please try again in a moment.")
	case TooLarge:
		return p.Text("That was too much at once"),
			p.Text("What was sent is larger than this page takes. Please go back and send less.")
	default:
		return p.Text("Something went wrong on our side"),
			p.Text("Please try again, and name the request below when you ask for help.")
	}
}
