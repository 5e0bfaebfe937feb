package config

import (
	"net/url"
	"strconv"
	"strings"
)

// dsnParts is a network database address taken apart by hand: net/url stops at the first sign that
// a password was not percent-encoded, and cannot say so.
type dsnParts struct {
	scheme, user, password, hosts, path string
	query                               url.Values
	hasPassword                         bool
	// problem says what is wrong, without any part of the address.
	problem string
}

const encodeCure = "percent-encode ?, #, /, @ and % in user and password (%3F, %23, %2F, %40, %25), or use password_file"

func splitDSN(dsn string) dsnParts {
	scheme, rest, _ := strings.Cut(dsn, "://")
	p := dsnParts{scheme: scheme}
	if strings.Count(rest, "?") > 1 {
		p.problem = "has more than one ?; " + encodeCure
		return p
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	path, query, _ := strings.Cut(tail, "?")
	switch {
	case strings.Contains(rest, "#"), strings.Count(authority, "@") > 1, strings.Contains(tail, "@"):
		p.problem = "has an unencoded character in user or password; " + encodeCure
		return p
	}
	p.path = path
	p.takeAuthority(authority)
	var err error
	if p.query, err = url.ParseQuery(query); err != nil && p.problem == "" {
		p.problem = "has parameters after ? that cannot be read; write ?name=value&name=value"
	}
	return p
}

func (p *dsnParts) takeAuthority(authority string) {
	userinfo, hosts, found := strings.Cut(authority, "@")
	if !found {
		userinfo, hosts = "", authority
	}
	user, password, hasPassword := strings.Cut(userinfo, ":")
	var errUser, errPassword error
	p.user, errUser = url.PathUnescape(user)
	p.password, errPassword = url.PathUnescape(password)
	p.hasPassword, p.hosts = hasPassword, hosts
	switch {
	case errUser != nil || errPassword != nil:
		p.problem = "has a % in user or password that begins no escape; " + encodeCure
	case !validHosts(hosts):
		p.problem = "has a host that cannot be read; write host, host:port or [IPv6]:port"
	}
}

// validHosts reads one host with an optional port, or several by comma, as libpq takes them.
func validHosts(s string) bool {
	for one := range strings.SplitSeq(s, ",") {
		var host, port string
		if strings.HasPrefix(one, "[") {
			inner, after, closed := strings.Cut(one[1:], "]")
			if !closed || after != "" && !strings.HasPrefix(after, ":") {
				return false
			}
			host, port = inner, strings.TrimPrefix(after, ":")
		} else {
			host, port, _ = strings.Cut(one, ":")
		}
		if port != "" {
			if _, err := strconv.ParseUint(port, 10, 16); err != nil {
				return false
			}
		}
		if !validHost(host) {
			return false
		}
	}
	return true
}
