package logging

import (
	"regexp"
	"strings"
)

// Text hides passwords in URLs, credentials in query strings, bearer tokens, and tokens of Ory's
// making, and returns the rest as it is.
func (r *Redactor) Text(s string) string {
	for _, rule := range r.rules {
		s = rule.apply(s)
	}
	return s
}

func maskRules() []maskRule {
	rule := func(clue, pattern, with string) maskRule {
		return maskRule{clue: clue, pattern: regexp.MustCompile(pattern), with: with}
	}
	return []maskRule{
		// Database and mail URLs hold passwords that people forget to escape, so everything up to
		// the last @ goes.
		rule("://", `(?i)\b((?:postgres(?:ql)?|cockroach(?:db)?|crdb\w*|mysql|smtps?|rediss?|amqps?)`+
			`://[^\s:@/]*):[^\s"'<>]*@`, "${1}:***@"),
		rule("://", `(?i)\b([a-z][a-z0-9+.-]*://[^\s/?#:@]*):[^\s/?#"'<>]*@`, "${1}:***@"),
		rule("=", `(?i)\b((?:password|passwd|pwd)\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s&"']+)`, "${1}***"),
		rule("=", `(?i)([?&](?:[a-z_]*(?:challenge|verifier|token|secret|password|token_hint)|code|`+
			`user_code|device_code)=)[^&\s"'<>#]+`, "${1}***"),
		rule("earer ", `(?i)\b(bearer )[a-z0-9._~+/=-]{16,}`, "${1}***"),
		rule("ory_", `\bory_(at|rt|ac|st|lo)_[A-Za-z0-9._~+/=-]+`, "ory_${1}_***"),
	}
}

// maskRule is only tried on texts that hold its clue, because most lines hold none.
type maskRule struct {
	clue    string
	pattern *regexp.Regexp
	with    string
}

func (r maskRule) apply(s string) string {
	if !strings.Contains(s, r.clue) {
		return s
	}
	return r.pattern.ReplaceAllString(s, r.with)
}
