package tracing

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Attributes returns every attribute that a span or an event may have, with what it says. The engines set others,
// among them tokens' signatures, addresses with queries and what somebody typed: those are left out.
func Attributes() map[string]string {
	return map[string]string{
		"http.request.method":        "of a request or a call",
		"http.route":                 "the path, with `{}` for what differs from one to the next",
		"http.response.status_code":  "of the answer",
		"server.address":             "host and port of an outgoing call",
		"db.system.name":             "sqlite, postgresql or cockroachdb",
		"db.namespace":               "the database",
		"db.operation.name":          "SELECT, INSERT and so on",
		"db.collection.name":         "the table",
		"db.response.status_code":    "why the database refused, as SQLSTATE has it",
		"error.type":                 "the kind of a failure",
		"identityd.request_id":       "that of the page, the log and the audit trail",
		"identityd.sign_in":          "the sign-in, which is the id of its first trace",
		"identityd.listener":         "where the request came in",
		"identityd.part":             "what answered: hydra, kratos or ui",
		"identityd.client_id":        "the application",
		"identityd.cause":            "the words that `identityd why` explains",
		"identityd.reason":           "the sentence that the log has",
		"identityd.error_code":       "the code of docs/errors.md, as `error_code` in the log",
		"identityd.mail":             "what came of a mail: sent or failed",
		"identityd.steps":            "marks of the steps, as `flows` in the log",
		"identityd.sql_statements":   "how many statements the request caused",
		"identityd.dropped_spans":    "how many spans were too many for one request",
		"identityd.region":           "where the process is",
		"hash.type":                  "how a password is hashed",
		"flow_type":                  "browser or api",
		"executor":                   "which part of a flow",
		"method":                     "password, code, passkey and so on",
		"provider_id":                "a provider of social sign-in",
		"not_responsible_reason":     "why a way to sign in left it to another",
		"redirect_reason":            "why somebody was sent elsewhere",
		"identity.id":                "the id of a person",
		"identity.available_aal":     "how strongly a person can sign in",
		"flow.requested_aal":         "how strongly a person has to",
		"skipped":                    "whether a question was left out",
		"alg":                        "of a key",
		"use":                        "of a key",
		"set":                        "of keys",
		"count":                      "of rows",
		"num_identities":             "of people",
		"IdentityID":                 "the id of a person",
		"SessionID":                  "a session, as in the log",
		"SelfServiceFlowType":        "browser or api",
		"SelfServiceMethodUsed":      "password, code, passkey and so on",
		"SelfServiceSSOProviderUsed": "a provider of social sign-in",
		"LoginRequestedAAL":          "how strongly a person had to sign in",
		"SessionAAL":                 "how strongly a person signed in",
		"OAuth2ClientID":             "the application",
		"OAuth2GrantType":            "how it got a token",
		"OAuth2TokenFormat":          "opaque or jwt",
	}
}

// filter has the names of Attributes.
type filter map[attribute.Key]struct{}

func newFilter() filter {
	f := filter{}
	for name := range Attributes() {
		f[attribute.Key(name)] = struct{}{}
	}
	return f
}

// harmless are the attributes that may leave.
func (f filter) harmless(list []attribute.KeyValue) []attribute.KeyValue {
	allowed := 0
	for _, a := range list {
		if _, ok := f[a.Key]; ok {
			allowed++
		}
	}
	switch allowed {
	case 0:
		return nil
	case len(list):
		return list
	}
	out := make([]attribute.KeyValue, 0, allowed)
	for _, a := range list {
		if _, ok := f[a.Key]; ok {
			out = append(out, a)
		}
	}
	return out
}

// span lets harmless things through. What an error says may be anything, such as the row that a constraint refused.
type span struct {
	trace.Span
	filter filter
}

// SetAttributes implements trace.Span.
func (s *span) SetAttributes(list ...attribute.KeyValue) {
	if list = s.filter.harmless(list); len(list) > 0 {
		s.Span.SetAttributes(list...)
	}
}

// AddEvent implements trace.Span.
func (s *span) AddEvent(name string, opts ...trace.EventOption) {
	cfg := trace.NewEventConfig(opts...)
	s.Span.AddEvent(name, trace.WithTimestamp(cfg.Timestamp()), trace.WithAttributes(s.filter.harmless(cfg.Attributes())...))
}

// RecordError implements trace.Span.
func (s *span) RecordError(err error, _ ...trace.EventOption) {
	if err != nil {
		s.Span.SetAttributes(attribute.String("error.type", errorType(err)))
	}
}

// SetStatus implements trace.Span.
func (s *span) SetStatus(code codes.Code, _ string) { s.Span.SetStatus(code, "") }

// AddLink implements trace.Span.
func (s *span) AddLink(l trace.Link) { s.Span.AddLink(trace.Link{SpanContext: l.SpanContext}) }

func errorType(err error) string {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok || inner.Unwrap() == nil {
			return strings.TrimPrefix(fmt.Sprintf("%T", err), "*")
		}
		err = inner.Unwrap()
	}
}
