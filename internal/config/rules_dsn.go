package config

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// checkParameters judges what follows the question mark of a network address.
func checkParameters(c *collector, path string, parts dsnParts, d Dialect, p Profile) {
	checkSSL(c, path, parts, p)
	for _, name := range slices.Sorted(maps.Keys(parts.query)) {
		value := parts.query.Get(name)
		if !slices.Contains(knownParameters(), name) {
			checkName(c, path, name)
		}
		for _, b := range breaking(d) {
			if b.name == name && !slices.Contains(b.fine, strings.ToLower(value)) {
				c.add(path, "must not set %s to %s: %s", name, quote(value), b.why)
			}
		}
	}
	if parts.query.Has("password") {
		c.warn(path, "has a password after ?; write it as user:password@, or use password_file")
	}
	if s := parts.query.Get("search_path"); s != "" && s != "public" {
		c.warn(path, "sets search_path; identityd bootstrap grants rights in the schema public only")
	}
	if strings.Contains(parts.hosts, ",") && d == Postgres && !parts.query.Has("target_session_attrs") {
		c.warn(path, "names several hosts, and the first that answers may be a standby; add target_session_attrs=read-write")
	}
}

// checkName refuses what looks like a mistyped parameter. Any other name is passed on: the server has
// hundreds of settings, and refuses what it does not know.
func checkName(c *collector, path, name string) {
	const nearEnough = 2
	if strings.HasPrefix(name, "identityd_") {
		c.add(path, "must not set %s, which is identityd's own", name)
		return
	}
	near := nearestOf(name, knownParameters())
	if len(name) > 2*nearEnough && levenshtein.ComputeDistance(strings.ToLower(name), near) <= nearEnough {
		c.add(path, "has an unknown parameter %s; did you mean %s?", quote(name), near)
	}
}

// knownParameters are those that the driver understands, and settings of the server that people put here.
func knownParameters() []string {
	return []string{
		"host", "port", "user", "password", "passfile", "connect_timeout", "service", "servicefile", "target_session_attrs",
		"sslmode", "sslkey", "sslcert", "sslrootcert", "sslpassword", "sslsni", "sslnegotiation", "sslcertmode", "krbspn", "krbsrvname",
		"channel_binding", "require_auth", "min_protocol_version", "max_protocol_version",
		"statement_cache_capacity", "description_cache_capacity", "default_query_exec_mode",
		"application_name", "search_path", "options", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout",
		"default_transaction_isolation", "default_transaction_read_only", "client_encoding", "standard_conforming_strings", "timezone",
		"autocommit_before_ddl", "transaction_timeout",
	}
}

// breaker is a setting that breaks what the engines or identityd rely on, unless it has one of the fine values.
type breaker struct {
	name string
	fine []string
	why  string
}

func breaking(d Dialect) []breaker {
	out := []breaker{
		{"default_transaction_read_only", []string{"off", "false", "no", "0"}, "nothing could be written; leave it out"},
		{"client_encoding", []string{"utf8", "utf-8", "unicode"}, "names of people would be garbled; leave it out"},
		{"standard_conforming_strings", []string{"on", "true", "yes", "1"}, "backslashes would change their meaning; leave it out"},
		{"timezone", []string{"utc", "etc/utc", "gmt", "z"}, "times without a zone would be read in another one, and sessions expire early or late; leave it out"},
		{
			"default_query_exec_mode",
			[]string{"cache_statement", "cache_describe", "describe_exec", "exec"},
			"values would be put into the text of statements; behind a pooler write exec",
		},
	}
	if d == Postgres {
		out = append(out, breaker{
			"default_transaction_isolation",
			[]string{"read committed"},
			"the engines do not repeat what a stricter level refuses; leave it out",
		})
	}
	return out
}

// checkSSL: the driver's own default, prefer, takes plain text from whoever says that it has no TLS.
func checkSSL(c *collector, path string, parts dsnParts, p Profile) {
	mode := parts.query.Get("sslmode")
	modes := []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
	if mode != "" && !slices.Contains(modes, mode) {
		c.add(path, "must have an sslmode of %s (got %s)", strings.Join(modes, ", "), quote(mode))
		return
	}
	if p != Production || onThisMachine(parts) {
		return
	}
	const cure = "write sslmode=verify-full&sslrootcert=<file of the authority>"
	switch mode {
	case "", "allow", "prefer":
		got := "without sslmode"
		if mode != "" {
			got = "with sslmode=" + mode
		}
		c.add(path, "must say how the connection is protected (%s it falls back to plain text); %s, or sslmode=disable where the network itself is trusted", got, cure)
	case "disable":
		c.warn(path, "has sslmode=disable: passwords and tokens cross the network in plain text; %s", cure)
	case "require":
		if !parts.query.Has("sslrootcert") {
			c.warn(path, "has sslmode=require, which encrypts but takes any server for the right one; %s", cure)
		}
	}
}

// onThisMachine reports whether a connection leaves the machine: sockets and loopback addresses do not.
func onThisMachine(parts dsnParts) bool {
	hosts := parts.hosts
	if hosts == "" {
		hosts = parts.query.Get("host")
	}
	for one := range strings.SplitSeq(hosts, ",") {
		if decoded, err := url.PathUnescape(one); err == nil && strings.HasPrefix(decoded, "/") {
			continue
		}
		host, _, err := net.SplitHostPort(one)
		if err != nil {
			host = strings.Trim(one, "[]")
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}
