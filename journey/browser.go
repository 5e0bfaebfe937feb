package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

const maxHops = 20

// browser is one person's browser: a cookie jar, and the headers that Chromium sends. It stops
// before it would leave the product for one of the application's own addresses.
type browser struct {
	client *http.Client
	halts  []string
}

// landing is where a navigation ended: on a page, or at the door of the application.
type landing struct {
	page     *page
	callback *url.URL
}

// navigation is one step of a browser: who sends it where, and what the sender's page allows.
type navigation struct {
	method    string
	target    *url.URL
	body      string
	initiator *url.URL
	policy    string
	targets   formTargets
}

func newBrowser(transport http.RoundTripper, halts ...string) (*browser, error) {
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		return nil, fmt.Errorf("making a cookie jar: %w", err)
	}
	client := newClient(transport)
	client.Jar = jar
	return &browser{client: client, halts: halts}, nil
}

// open goes where the application sends the browser.
func (b *browser) open(ctx context.Context, application, address string) (landing, error) {
	from, err := url.Parse(application)
	if err != nil {
		return landing{}, fmt.Errorf("reading the application's address: %w", err)
	}
	to, err := url.Parse(address)
	if err != nil {
		return landing{}, fmt.Errorf("reading the address to open: %w", err)
	}
	return b.navigate(ctx, navigation{method: http.MethodGet, target: to, initiator: from})
}

// click follows a link of a page.
func (b *browser) click(ctx context.Context, from *page, to *url.URL) (landing, error) {
	return b.navigate(ctx, navigation{
		method: http.MethodGet, target: to, initiator: from.url, policy: from.referrerPolicy(),
	})
}

// submit sends a form of a page by one of its buttons.
func (b *browser) submit(ctx context.Context, from *page, f *form, with *button) (landing, error) {
	values, err := f.values(with)
	if err != nil {
		return landing{}, err
	}
	n := navigation{
		method: f.method, target: f.action, body: values.Encode(), initiator: from.url,
		policy: from.referrerPolicy(), targets: formTargetsOf(from.url, from.header),
	}
	if n.method == http.MethodGet {
		target := *f.action
		target.RawQuery, n.body = n.body, ""
		n.target = &target
	}
	return b.navigate(ctx, n)
}

func (b *browser) navigate(ctx context.Context, n navigation) (landing, error) {
	distance, tainted := "", false
	for range maxHops {
		if !n.targets.permit(n.target) {
			return landing{}, fmt.Errorf("form-action of %s does not permit %s: Chromium would stop here",
				place(n.targets.page), place(n.target))
		}
		if b.halted(n.target) {
			return landing{callback: n.target}, nil
		}
		distance = farther(distance, relation(n.initiator, n.target))
		res, err := b.send(ctx, n, distance, tainted)
		if err != nil {
			return landing{}, fmt.Errorf("asking %s: %w", place(n.target), err)
		}
		if res.status < 300 || res.status > 399 {
			p, err := newPage(n.target, res)
			return landing{page: p}, err
		}
		location := res.header.Get("Location")
		next, err := n.target.Parse(location)
		if err != nil || location == "" {
			return landing{}, fmt.Errorf("%s answered %d without a Location to follow", place(n.target),
				res.status)
		}
		if res.status != http.StatusTemporaryRedirect && res.status != http.StatusPermanentRedirect {
			n.method, n.body = http.MethodGet, ""
		}
		tainted = tainted || (originOf(next) != originOf(n.target) &&
			originOf(n.initiator) != originOf(n.target))
		n.target = next
	}
	return landing{}, fmt.Errorf("more than %d redirects, the last to %s", maxHops, place(n.target))
}

func (b *browser) send(
	ctx context.Context, n navigation, distance string, tainted bool,
) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, n.method, n.target.String(), strings.NewReader(n.body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) journey")
	req.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Upgrade-Insecure-Requests", "1")
	if referer := refererHeader(n.policy, n.initiator, n.target); referer != "" {
		req.Header.Set("Referer", referer)
	}
	if n.method != http.MethodGet {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		origin := originHeader(n.policy, n.initiator, n.target)
		if tainted {
			origin = "null"
		}
		req.Header.Set("Origin", origin)
	}
	if trustworthy(n.target) {
		req.Header.Set("Sec-Fetch-Site", distance)
		req.Header.Set("Sec-Fetch-Mode", "navigate")
		req.Header.Set("Sec-Fetch-Dest", "document")
		req.Header.Set("Sec-Fetch-User", "?1")
	}
	return roundTrip(b.client, req)
}

func (b *browser) halted(u *url.URL) bool {
	for _, halt := range b.halts {
		if place(u) == halt {
			return true
		}
	}
	return false
}
