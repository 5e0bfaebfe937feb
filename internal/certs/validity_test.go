package certs_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"example.com/identityd/internal/certs/certtest"
)

const (
	hasExpired  = "certificate has expired, browsers will refuse it"
	notYet      = "certificate is not valid yet, browsers will refuse it"
	expiresSoon = "certificate expires soon and was not renewed"
)

func TestOpenWarnsOfDates(t *testing.T) {
	a := certtest.NewAuthority(t)
	tests := map[string]struct {
		from, to int // days from now
		want     string
	}{
		"nothing of a certificate for three months":             {-1, 89, ""},
		"nothing of a fresh certificate for six days":           {0, 6, ""},
		"of one that expires within two weeks":                  {-80, 10, expiresSoon},
		"of one for six days when a fifth of them is left":      {-5, 1, expiresSoon},
		"of one that has expired, which is served all the same": {-90, -1, hasExpired},
		"of one that begins tomorrow":                           {1, 91, notYet},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, log := open(t, newFiles(t, a.IssueBetween(t, days(tt.from), days(tt.to), "localhost")))
			for range 2 {
				r.Check(t.Context())
			}
			for _, said := range []string{hasExpired, notYet, expiresSoon} {
				want := 0
				if said == tt.want {
					want = 1
				}
				if got := log.count(said); got != want {
					t.Errorf("got %q %d times, want %d", said, got, want)
				}
			}
			if c, err := r.Config().GetCertificate(nil); err != nil || c.Leaf == nil {
				t.Errorf("got no certificate, %v", err)
			}
		})
	}
}

func TestEachCertificateIsWarnedOf(t *testing.T) {
	a := certtest.NewAuthority(t)
	f := newFiles(t, a.IssueBetween(t, days(-90), days(-1), "localhost"))
	r, log := open(t, f)
	f.write(t, a.IssueBetween(t, days(-91), days(-2), "localhost"))
	r.Check(t.Context())
	if got := log.count(hasExpired); got != 2 {
		t.Errorf("got %d warnings, want one for each of two certificates", got)
	}
}

func TestWatchWarnsOfACertificateThatNobodyRenews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := certtest.NewAuthority(t)
		f := newFiles(t, a.Issue(t, days(30), "localhost"))
		r, log := open(t, f)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Watch(ctx) }()
		for _, step := range []struct {
			wait          time.Duration
			soon, expired int
		}{
			{15 * 24 * time.Hour, 0, 0},
			{9*24*time.Hour + 12*time.Hour, 1, 0},
			{5 * 24 * time.Hour, 6, 0},
			{5 * 24 * time.Hour, 7, 5},
		} {
			time.Sleep(step.wait) // of the bubble's clock
			synctest.Wait()
			if got := [2]int{log.count(expiresSoon), log.count(hasExpired)}; got != [2]int{step.soon, step.expired} {
				t.Errorf("got warnings %v, want %d and %d", got, step.soon, step.expired)
			}
		}
		f.write(t, a.Issue(t, days(90), "localhost"))
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if got := log.count(reloaded); got != 1 {
			t.Errorf("got %d reloads, want one within half a minute", got)
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("watching: %v", err)
		}
	})
}
