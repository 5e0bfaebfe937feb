package ui

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

func clientName(client identity.Client) string {
	if name := plain(client.Name, maxName); name != "" {
		return name
	}
	return plain(client.ID, maxName)
}

// secureLink returns an address that a client registered, if it may be a link: https, and nothing
// in it that misleads about where it goes. Hydra 2.3 accepts any scheme here.
func secureLink(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(raw) > 2048 {
		return ""
	}
	return u.String()
}

// destinations says where the browser goes after consent: the one address of the request, or all
// that the client registered when the request cannot be trusted to tell.
func destinations(p *locale.Printer, request *identity.ConsentRequest) []string {
	redirects := request.Client.RedirectURIs
	if asked := requestedRedirect(request.RequestURL, redirects); asked != "" {
		redirects = []string{asked}
	}
	var out []string
	for _, redirect := range redirects {
		if place := place(p, redirect); place != "" && !slices.Contains(out, place) {
			out = append(out, place)
		}
	}
	return out
}

// requestedRedirect returns the redirect_uri of an authorization request. A signed request object
// overrides the query, and only a registered address can be where Hydra redirects to.
func requestedRedirect(requestURL string, registered []string) string {
	u, err := url.Parse(requestURL)
	if err != nil {
		return ""
	}
	query := u.Query()
	asked := query.Get("redirect_uri")
	if asked == "" || query.Has("request") || query.Has("request_uri") {
		return ""
	}
	for _, known := range registered {
		if asked == known || sameLoopback(asked, known) {
			return asked
		}
	}
	return ""
}

// sameLoopback mirrors fosite, which lets an application on this device choose its port
// (fosite@v0.49.0 authorize_helper.go isMatchingAsLoopback).
func sameLoopback(asked, known string) bool {
	a, errA := url.Parse(asked)
	b, errB := url.Parse(known)
	return errA == nil && errB == nil && a.Scheme == "http" && b.Scheme == "http" &&
		net.ParseIP(a.Hostname()).IsLoopback() && a.Hostname() == b.Hostname() &&
		a.Path == b.Path && a.RawQuery == b.RawQuery
}

// place names a redirect address for a person: the host, in the form that no look-alike letters can
// disguise, or the scheme of an application that registered one.
func place(p *locale.Printer, redirect string) string {
	u, err := url.Parse(redirect)
	if err != nil || u.Scheme == "" {
		return ""
	}
	if !isWeb(u) {
		return plain(strings.ToLower(u.Scheme), maxName) + ":"
	}
	host, err := idna.ToASCII(strings.ToLower(u.Hostname()))
	if err != nil {
		return ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if u.Port() != "" {
		host += ":" + u.Port()
	}
	host = plain(host, 253)
	if net.ParseIP(u.Hostname()).IsLoopback() {
		return p.Text("%s (this device)", host)
	}
	return host
}
