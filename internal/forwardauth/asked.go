package forwardauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Path is where proxies ask.
const Path = "/forward-auth"

// longest bounds what is asked for.
const longest = 8 << 10

// Asked is the request that a proxy asks about.
type Asked struct {
	Scheme string
	// Host is in lower case and without the port that the scheme stands for.
	Host string
	// URI is path and query as the browser sent them.
	URI    string
	Method string
	// Status says that the proxy takes statuses and no pages: auth_request of nginx makes of everything but 200,
	// 401 and 403 a failure.
	Status bool
}

// URL is the whole address.
func (a Asked) URL() string { return a.Scheme + "://" + a.Host + a.URI }

// Path is what stands before the query, still encoded.
func (a Asked) Path() string {
	path, _, _ := strings.Cut(a.URI, "?")
	return path
}

type key struct{}

// With returns a context that carries what a trusted proxy asks.
func With(ctx context.Context, a Asked) context.Context { return context.WithValue(ctx, key{}, a) }

// From returns what a trusted proxy asks; false where it was somebody else.
func From(ctx context.Context) (Asked, bool) {
	a, ok := ctx.Value(key{}).(Asked)
	return a, ok
}

// Read reads what a proxy asks from its headers: X-Forwarded-Proto, -Host, -Uri and -Method of Traefik and Caddy,
// or X-Original-URL and -Method of nginx. A proxy writes its own and passes on what a browser has made up of the
// other kind, and nobody can tell which is which: where both are there they have to say the same.
func Read(h http.Header) (Asked, error) {
	one := func(name string) (string, error) {
		values := h.Values(name)
		if len(values) > 1 || len(values) == 1 && len(values[0]) > longest {
			return "", fmt.Errorf("%s is there twice, or too long", name)
		}
		return h.Get(name), nil
	}
	text := map[string]string{}
	for _, name := range []string{
		"X-Original-URL", "X-Original-Method", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Uri", "X-Forwarded-Method",
	} {
		value, err := one(name)
		if err != nil {
			return Asked{}, err
		}
		text[name] = value
	}
	if original := text["X-Original-URL"]; original != "" {
		return fromOriginal(original, text)
	}
	if text["X-Forwarded-Host"] == "" || text["X-Forwarded-Uri"] == "" {
		return Asked{}, errors.New("the proxy says neither X-Forwarded-Host and X-Forwarded-Uri nor X-Original-URL")
	}
	return asked(text["X-Forwarded-Proto"], text["X-Forwarded-Host"], text["X-Forwarded-Uri"], text["X-Forwarded-Method"])
}

func fromOriginal(original string, text map[string]string) (Asked, error) {
	scheme, rest, found := strings.Cut(original, "://")
	slash := strings.IndexByte(rest, '/')
	if !found || slash <= 0 {
		return Asked{}, errors.New("X-Original-URL is no whole address")
	}
	out, err := asked(scheme, rest[:slash], rest[slash:], text["X-Original-Method"])
	if err != nil {
		return Asked{}, err
	}
	for name, same := range map[string]bool{
		"X-Forwarded-Host": normal(scheme, text["X-Forwarded-Host"]) == out.Host,
		"X-Forwarded-Uri":  text["X-Forwarded-Uri"] == out.URI,
	} {
		if text[name] != "" && !same {
			return Asked{}, fmt.Errorf("X-Original-URL and %s say different things", name)
		}
	}
	out.Status = true
	return out, nil
}

func asked(scheme, host, uri, method string) (Asked, error) {
	switch scheme = strings.ToLower(scheme); scheme {
	case "http", "https":
	case "ws", "wss":
		scheme = "http" + scheme[2:]
	case "":
		scheme = "https"
	default:
		return Asked{}, errors.New("the scheme of what is asked for is neither http nor https")
	}
	if !strings.HasPrefix(uri, "/") || strings.ContainsAny(uri, " #") || strings.ContainsFunc(uri, control) {
		return Asked{}, errors.New("what is asked for is no path")
	}
	if strings.ContainsAny(host, "/@?#\\,%") || strings.ContainsFunc(host, control) {
		return Asked{}, errors.New("the host of what is asked for is none")
	}
	if u, err := url.Parse(scheme + "://" + host + "/"); err != nil || u.Host != host || u.Hostname() == "" {
		return Asked{}, errors.New("the host of what is asked for is none")
	}
	if method == "" {
		method = http.MethodGet
	}
	return Asked{Scheme: scheme, Host: normal(scheme, host), URI: uri, Method: method}, nil
}

func control(r rune) bool { return r <= ' ' || r == 0x7f }

// normal writes a host as rules do.
func normal(scheme, host string) string {
	host = strings.ToLower(host)
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		return strings.TrimSuffix(host, ".")
	}
	name = strings.TrimSuffix(name, ".")
	if strings.Contains(name, ":") {
		name = "[" + name + "]"
	}
	if scheme == "https" && port == "443" || scheme == "http" && port == "80" || port == "" {
		return name
	}
	return name + ":" + port
}
