package config

import (
	"fmt"
	"net/url"
	"strings"
)

func resolveTracing(c *collector, cfg *Config) {
	t := &cfg.Tracing
	secretInFile{
		path: "tracing.headers", file: &t.HeadersFile,
		inline: func() bool { return false },
		set:    func(s string) { t.HeaderLines = NewSecret(s) },
		cure:   "; write a line such as Authorization: Basic … into it, or leave the word out",
	}.resolve(c, cfg)
}

// checkTracing prints neither the headers nor what is wrong in one.
func checkTracing(c *collector, cfg *Config) {
	t := cfg.Tracing
	if !(t.Sample >= 0 && t.Sample <= 1) { // NaN is neither
		c.add("tracing.sample", "must be from 0 to 1 (got %v); 0.1 is one request in ten", t.Sample)
	}
	if _, problem := parseHeaders(t.HeaderLines.Reveal()); problem != "" {
		c.add("tracing.headers_file", "%s", problem)
	}
	if t.Endpoint == "" {
		return
	}
	// A collector is in the same network more often than not, and spans hold no secrets.
	if problem := urlProblem(t.Endpoint, Development); problem != "" {
		c.add("tracing.endpoint", "%s; write http://localhost:4318 for a collector on this machine", problem)
		return
	}
	u, err := url.Parse(t.Endpoint)
	switch {
	case err != nil: // said above
	case cfg.Outbound.None:
		c.add("tracing.endpoint", "cannot be used beside outbound.none, since %s has to be called; remove one of the two", u.Host)
	case u.Port() == "4317":
		c.add("tracing.endpoint", "must be where the collector takes HTTP, which is port 4318 as a rule (got %s, that of gRPC)", quote(t.Endpoint))
	case t.HeadersFile != "" && u.Scheme == "http" && cfg.Profile == Production && !localHost(u.Hostname()):
		c.add("tracing.endpoint", "must be https in production beside tracing.headers_file (got %s); the headers would be readable on the way",
			quote(t.Endpoint))
	}
}

// parseHeaders reads lines of the form "Name: value". Problems name lines by number.
func parseHeaders(text string) (out map[string]string, problem string) {
	out = map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if !ok || !isHeaderName(name) || value == "" || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return nil, fmt.Sprintf("line %d must be of the form Name: value, such as Authorization: Basic …", i+1)
		}
		out[name] = value
	}
	return out, ""
}
