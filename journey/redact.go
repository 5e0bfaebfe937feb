package main

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

const hidden = "***"

// opaque matches what tokens, codes, challenges and JWTs look like: words and parts of an address
// never run this long without a space or a slash.
var opaque = regexp.MustCompile(`[A-Za-z0-9_\-.~+=]{32,}`)

// redactor takes secrets out of what is reported: those it was told of, and all that looks like one.
type redactor struct {
	mu      sync.Mutex
	secrets []string
}

func (r *redactor) learn(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range secrets {
		if s != "" {
			r.secrets = append(r.secrets, s)
		}
	}
}

func (r *redactor) clean(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.secrets {
		text = strings.ReplaceAll(text, s, hidden)
	}
	return opaque.ReplaceAllString(text, hidden)
}

// place names an address without its query, which carries challenges, codes and states.
func place(u *url.URL) string {
	if u == nil {
		return "nowhere"
	}
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return bare.String()
}
