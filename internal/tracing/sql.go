package tracing

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Statement is one of SQL that was sent.
type Statement struct {
	// System is sqlite, postgresql or cockroachdb.
	System, Database string
	// Query is its text. What is in it but for the verb and the table stays here.
	Query string
	Began time.Time
	Err   error
	// Conflict says that it met another transaction, and that whoever sent it runs it again.
	Conflict bool
}

// Statement adds a span for a statement that is over, below that of ctx.
func (t *Tracing) Statement(ctx context.Context, s Statement) {
	verb, table := operation(s.Query)
	name := verb
	attrs := append(make([]attribute.KeyValue, 0, 8), attribute.String("db.system.name", s.System),
		attribute.String("db.namespace", s.Database), attribute.String("db.operation.name", verb))
	if table != "" {
		name += " " + table
		attrs = append(attrs, attribute.String("db.collection.name", table))
	}
	one := t.Open(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(s.Began), trace.WithAttributes(attrs...))
	if one == nil {
		return
	}
	if s.Err != nil {
		one.RecordError(s.Err)
		var state interface{ SQLState() string }
		if errors.As(s.Err, &state) {
			one.SetAttributes(attribute.String("db.response.status_code", state.SQLState()))
		}
		one.SetStatus(codes.Error, "")
	}
	if s.Conflict {
		trace.SpanFromContext(ctx).AddEvent("a conflict with another transaction: it is run again")
	}
	one.End()
}

// operation returns the verb of a statement, and the table that it is about.
func operation(query string) (verb, table string) {
	before := ""
	seen := 0
	for word := range strings.FieldsSeq(query) {
		if seen++; seen > 400 {
			break
		}
		if verb == "" {
			verb = strings.ToUpper(strings.Trim(word, "(;"))
			if !isName(verb) {
				return "SQL", ""
			}
			before = verb
			continue
		}
		if before == "FROM" || before == "INTO" || before == "UPDATE" && !strings.EqualFold(word, "SET") {
			if name := strings.Trim(word, `"();,`); isName(name) && !strings.HasPrefix(word, "(") {
				return verb, name
			}
		}
		before = strings.ToUpper(word)
	}
	return verb, ""
}

func isName(s string) bool {
	const longest = 64
	if s == "" || len(s) > longest {
		return false
	}
	for _, c := range s {
		if c != '_' && c != '.' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
