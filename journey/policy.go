package main

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// How far apart two addresses are, in the words of Sec-Fetch-Site, the nearest first.
const (
	siteSameOrigin = "same-origin"
	siteSameSite   = "same-site"
	siteCross      = "cross-site"
)

// farther keeps the worse of two relations: a browser judges the whole chain of redirects, so one
// foreign hop makes all that follow it foreign too.
func farther(a, b string) string {
	order := []string{"", siteSameOrigin, siteSameSite, siteCross}
	if slices.Index(order, a) > slices.Index(order, b) {
		return a
	}
	return b
}

func relation(from, to *url.URL) string {
	switch {
	case originOf(from) == originOf(to):
		return siteSameOrigin
	case from.Scheme == to.Scheme && site(from.Hostname()) == site(to.Hostname()):
		return siteSameSite
	}
	return siteCross
}

func site(host string) string {
	if net.ParseIP(host) != nil {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

func originOf(u *url.URL) string {
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

// trustworthy tells whether a browser would send Sec-Fetch headers there at all.
func trustworthy(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}

// originHeader is the Origin of a form post, per the Fetch standard: a page that withholds its
// referrer withholds its origin too and posts with "null".
func originHeader(policy string, from, to *url.URL) string {
	switch policy {
	case "no-referrer":
		return "null"
	case "same-origin":
		if originOf(from) != originOf(to) {
			return "null"
		}
	case "unsafe-url", "origin", "origin-when-cross-origin":
	default:
		if from.Scheme == "https" && to.Scheme != "https" {
			return "null"
		}
	}
	return originOf(from)
}

// refererHeader is the Referer that a page of the given policy sends, "" when it sends none.
func refererHeader(policy string, from, to *url.URL) string {
	same, downgrade := originOf(from) == originOf(to), from.Scheme == "https" && to.Scheme != "https"
	origin := originOf(from) + "/"
	full := url.URL{Scheme: from.Scheme, Host: from.Host, Path: from.Path, RawQuery: from.RawQuery}
	switch {
	case policy == "no-referrer", policy == "same-origin" && !same,
		policy == "no-referrer-when-downgrade" && downgrade, policy == "strict-origin" && downgrade:
		return ""
	case policy == "origin", policy == "strict-origin", policy == "origin-when-cross-origin" && !same:
		return origin
	case policy == "unsafe-url", policy == "no-referrer-when-downgrade", same:
		return full.String()
	case downgrade:
		return ""
	}
	return origin
}

// formTargets are the form-action lists of a page, one for each policy that has one. Chromium holds
// them against every hop after a form is sent, not only against the form's own action.
type formTargets struct {
	page  *url.URL
	lists [][]string
}

func formTargetsOf(page *url.URL, header http.Header) formTargets {
	targets := formTargets{page: page}
	for _, policy := range header.Values("Content-Security-Policy") {
		for directive := range strings.SplitSeq(policy, ";") {
			words := strings.Fields(directive)
			if len(words) > 0 && strings.EqualFold(words[0], "form-action") {
				targets.lists = append(targets.lists, words[1:])
			}
		}
	}
	return targets
}

func (t formTargets) permit(to *url.URL) bool {
	for _, list := range t.lists {
		if !slices.ContainsFunc(list, func(source string) bool { return t.matches(source, to) }) {
			return false
		}
	}
	return true
}

func (t formTargets) matches(source string, to *url.URL) bool {
	switch {
	case source == "*":
		return true
	case source == "'self'":
		return originOf(t.page) == originOf(to)
	case strings.HasSuffix(source, ":"):
		return strings.EqualFold(strings.TrimSuffix(source, ":"), to.Scheme)
	case !strings.Contains(source, "://"):
		source = t.page.Scheme + "://" + source
	}
	u, err := url.Parse(source)
	return err == nil && originOf(u) == originOf(to)
}
