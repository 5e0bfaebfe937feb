package stack

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/tally"
)

// flowMetrics say what becomes of flows, of sign-ins for applications and of tokens. Every series is there from the
// start: a rate does not see the first step of one that appears with it.
type flowMetrics struct {
	began, completed, failed, stages, issued, refused *prometheus.CounterVec
}

func newFlowMetrics(r prometheus.Registerer) flowMetrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "identityd_" + name, Help: help}, labels)
		r.MustRegister(c)
		return c
	}
	m := flowMetrics{
		began:     counter("flows_started_total", "Flows that began, by flow.", "flow"),
		completed: counter("flows_completed_total", "Flows that were completed, by flow and by the method that did it.", "flow", "method"),
		failed: counter("flows_failed_total",
			"Answers in a flow that were not accepted, by flow and reason. One person may give several.", "flow", "reason"),
		stages: counter("sign_ins_total",
			"Sign-ins that an application began, by the stage that they reached: began, signed_in, consented, code, tokens.", "stage"),
		issued:  counter("tokens_issued_total", "Access tokens that were issued, by grant type.", "grant"),
		refused: counter("tokens_refused_total", "Requests for tokens that were refused, by grant type and reason.", "grant", "reason"),
	}
	for _, flow := range tally.Flows() {
		m.began.WithLabelValues(flow)
		for _, reason := range tally.Reasons() {
			m.failed.WithLabelValues(flow, reason)
		}
		for _, method := range tally.Methods() {
			m.completed.WithLabelValues(flow, method)
		}
	}
	for _, stage := range tally.Stages() {
		m.stages.WithLabelValues(stage)
	}
	for _, grant := range tally.Grants() {
		m.issued.WithLabelValues(grant)
		for _, reason := range tally.Refusals() {
			m.refused.WithLabelValues(grant, reason)
		}
	}
	return m
}

func (m flowMetrics) add(counts []tally.Count) {
	for _, c := range counts {
		switch c.Kind {
		case tally.Began:
			m.began.WithLabelValues(c.Of).Inc()
		case tally.Completed:
			m.completed.WithLabelValues(c.Of, c.By).Inc()
		case tally.Failed:
			m.failed.WithLabelValues(c.Of, c.By).Inc()
		case tally.Reached:
			m.stages.WithLabelValues(c.Of).Inc()
		case tally.Issued:
			m.issued.WithLabelValues(c.Of).Inc()
		case tally.Refused:
			m.refused.WithLabelValues(c.Of, c.By).Inc()
		}
	}
}

// tallyKey finds what is added up for a request on the other side of a call from engine to engine, which has a
// context of its own.
type tallyKey struct{}

// tallyOf returns what is added up for the request that ctx is in, nil outside of requests.
func tallyOf(ctx context.Context) *tally.Request {
	if v, ok := ctx.Value(partKey{}).(*visit); ok {
		return &v.tally
	}
	r, _ := ctx.Value(tallyKey{}).(*tally.Request)
	return r
}

// happened adds to what the request of ctx does. Outside of requests nothing else will become of it.
func (m *metrics) happened(ctx context.Context, f func(*tally.Request)) {
	if r := tallyOf(ctx); r != nil {
		f(r)
		return
	}
	r := &tally.Request{}
	f(r)
	m.flows.add(r.End(0))
}

// count takes what the engines add up themselves.
func count(ctx context.Context, c identity.Counted) {
	r := tallyOf(ctx)
	if r == nil {
		return
	}
	if c.Began != "" {
		r.Begin(c.Began)
	}
	if c.Cause != "" {
		r.Because(c.Cause)
	}
	if c.Cause == "" && c.Began == "" {
		r.Ask(c.Grant)
	}
}

// signsOut reports whether a person pressed "Sign out" on a page of ours. What applications begin is Hydra's.
func signsOut(part gateway.Part, r *http.Request) bool {
	return part == gateway.Pages && r.Method == http.MethodPost && r.URL.Path == "/account/logout"
}
