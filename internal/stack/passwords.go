package stack

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/identityd/internal/breach"
	"example.com/identityd/internal/config"
)

// breachName is the part that asks the service of breached passwords.
const breachName = "breach"

// breachTimeout is how long somebody who chooses a password waits for the service of breached ones.
const breachTimeout = 2 * time.Second

// breached returns what says whether attackers know a password, or nil where nobody is to ask.
func (s *Stack) breached(cfg config.Config) func(context.Context, string) bool {
	password := cfg.Login.First.Password
	if password.BreachCheck == config.BreachOff {
		return nil
	}
	c := &breach.Checker{Failed: func(ctx context.Context, err error, say bool, since int) {
		s.metrics.lookups.Inc()
		if say {
			s.log.WarnContext(ctx, "new passwords are checked against the list in the program alone, because the service of breached "+
				"passwords does not answer", "err", err, "failures", since)
		}
	}}
	if password.BreachCheck == config.BreachOnline && s.outbound != nil {
		client := &http.Client{Timeout: breachTimeout, Transport: s.ways[breachName]}
		c.Online = &breach.Ranges{Host: password.BreachHost, Client: client}
	}
	return c.Breached
}

// ownWords are what this service is called: by its people, and by the name of its pages.
func ownWords(c config.Config, u URLs) []string {
	words := []string{brand(c)}
	page, err := url.Parse(u.UI)
	if err != nil {
		return words
	}
	labels := strings.Split(page.Hostname(), ".")
	return append(words, labels[:len(labels)-1]...)
}
