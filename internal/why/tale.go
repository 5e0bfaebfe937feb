package why

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Event is one that is on record in the audit trail.
type Event struct {
	At      time.Time         `json:"time"`
	Kind    string            `json:"kind"`
	Outcome string            `json:"outcome"`
	By      string            `json:"by,omitempty"`
	Subject string            `json:"subject,omitempty"`
	Client  string            `json:"client_id,omitempty"`
	Session string            `json:"session_id,omitempty"`
	Request string            `json:"-"`
	Details map[string]string `json:"details,omitempty"`
}

// Note is another line of the log.
type Note struct {
	At        time.Time `json:"time"`
	Level     string    `json:"level"`
	Component string    `json:"component,omitempty"`
	Text      string    `json:"text"`
	Err       string    `json:"err,omitempty"`
}

// Mail is one that was written while a request ran. To whom is nobody's business here.
type Mail struct {
	At       time.Time `json:"time"`
	Template string    `json:"template"`
	// Status is sent, waiting or given_up.
	Status   string `json:"status"`
	Attempts int    `json:"attempts"`
}

// The states of a mail.
const (
	MailSent    = "sent"
	MailWaiting = "waiting"
	MailGivenUp = "given_up"
)

// Step is one request.
type Step struct {
	Request string    `json:"request"`
	At      time.Time `json:"time"`
	Method  string    `json:"method,omitempty"`
	Path    string    `json:"path,omitempty"`
	// Listener and Part are where it came in and what answered it.
	Listener string `json:"listener,omitempty"`
	Part     string `json:"part,omitempty"`
	Status   int    `json:"status"`
	Millis   int64  `json:"duration_ms"`
	Client   string `json:"client_id,omitempty"`
	// Causes are words for what went wrong, and Reason what an engine says of it.
	Causes []string `json:"causes"`
	// Code is what whoever asked was told, empty where nothing failed or nobody was told.
	Code       string `json:"code,omitempty"`
	Reason     string `json:"reason,omitempty"`
	SQLFailure string `json:"sql_failure,omitempty"`
	Aborted    bool   `json:"aborted,omitempty"`
	// Trace is its trace, and Traced says that it was sent to the collector.
	Trace  string  `json:"trace_id,omitempty"`
	Traced bool    `json:"traced,omitempty"`
	Events []Event `json:"events"`
	Notes  []Note  `json:"notes"`
	Mails  []Mail  `json:"mails,omitempty"`
	// Logged steps have their line in a log; others are known from the audit trail alone.
	Logged bool `json:"logged"`
}

// Tale is the sign-in that a request is a step of, in the order in which its requests began.
type Tale struct {
	Asked string
	Steps []*Step
	// Story is the name of the sign-in in its traces, empty where there are none.
	Story string
}

// NewTale puts lines of the log and events of the trail together. An event that the log has too is told once.
func NewTale(asked string, lines []Line, events []Event) *Tale {
	t, by := &Tale{Asked: asked}, map[string]*Step{}
	step := func(id string, at time.Time) *Step {
		s := by[id]
		if s == nil {
			s = &Step{Request: id, At: at, Causes: []string{}, Events: []Event{}, Notes: []Note{}}
			by[id] = s
			t.Steps = append(t.Steps, s)
		}
		if at.Before(s.At) {
			s.At = at
		}
		return s
	}
	seen := map[string]bool{}
	for _, l := range lines {
		// The same line comes from the memory of a process and from its log.
		key := l.Request + l.Message + l.At.String() + l.Text("kind")
		if seen[key] {
			continue
		}
		seen[key] = true
		t.take(step(l.Request, l.At), l)
	}
	for _, e := range events {
		s := step(e.Request, e.At)
		if !slices.ContainsFunc(s.Events, e.same) {
			s.Events = append(s.Events, e)
		}
	}
	slices.SortStableFunc(t.Steps, func(a, b *Step) int { return a.At.Compare(b.At) })
	t.carryBack()
	return t
}

// oidcPath is where people come back from providers.
const oidcPath = "/self-service/methods/oidc/"

// carryBack gives a form that was refused the words for it: Kratos answers a browser with a redirect to the page, and
// only the page says why.
func (t *Tale) carryBack() {
	var form *Step
	for _, s := range t.Steps {
		switch {
		case strings.Contains(s.Path, "/self-service/") && (s.Method == http.MethodPost || strings.Contains(s.Path, oidcPath)):
			form = s
		case form != nil && len(form.Causes) == 0 && s.Method == http.MethodGet && s.Part == "ui":
			for _, c := range s.Causes {
				if strings.HasPrefix(c, Kratos) || strings.HasPrefix(c, Page) {
					form.Causes = append(form.Causes, c)
				}
			}
			if len(form.Causes) > 0 {
				form = nil
			}
		}
	}
}

// same reports whether another event is this one, whose time was taken a moment before its line was.
func (e Event) same(o Event) bool {
	return e.Kind == o.Kind && e.Outcome == o.Outcome && e.Subject == o.Subject && e.Client == o.Client &&
		e.At.Sub(o.At).Abs() < 2*time.Second
}

// take adds what a line says.
func (t *Tale) take(s *Step, l Line) {
	switch l.Message {
	case "request":
		s.Logged = true
		took := time.Duration(l.Number("duration_ms") * float64(time.Millisecond))
		if began := l.At.Add(-took); began.Before(s.At) {
			s.At = began
		}
		s.Method, s.Path, s.Listener, s.Part = l.Text("method"), l.Text("path"), l.Text("listener"), l.Text("part")
		s.Status, s.Millis = int(l.Number("status")), took.Milliseconds()
		s.Client, s.Reason, s.SQLFailure = l.Text("client_id"), l.Text("reason"), l.Text("sql_failure")
		s.Causes = append(s.Causes, strings.Fields(l.Text(CauseKey))...)
		s.Code = l.Text(CodeKey)
		s.Aborted, _ = l.Attrs["aborted"].(bool)
		s.Trace, t.Story = l.Text(TraceKey), firstOf(t.Story, l.Text(StoryKey))
		s.Traced, _ = l.Attrs["traced"].(bool)
	case "audit":
		e := Event{
			At: l.At, Kind: l.Text("kind"), Outcome: l.Text("outcome"), By: l.Text("by"), Subject: l.Text("subject"),
			Client: l.Text("client_id"), Session: l.Text("session_id"), Request: l.Request,
		}
		if details, ok := l.Attrs["details"].(map[string]any); ok {
			e.Details = map[string]string{}
			for k, v := range details {
				e.Details[k] = fmt.Sprint(v)
			}
		}
		s.Events = append(s.Events, e)
	default:
		s.Notes = append(s.Notes, Note{
			At: l.At, Level: l.Level, Component: l.Text("component"), Text: l.Message, Err: firstOf(l.Text("err"), l.Text("panic")),
		})
	}
}

// The asked step, or nil.
func (t *Tale) asked() *Step {
	for _, s := range t.Steps {
		if s.Request == t.Asked {
			return s
		}
	}
	return nil
}

// Client is the application that the sign-in is for, empty where there is none or it is not known.
func (t *Tale) Client() string {
	for _, s := range t.Steps {
		if s.Client != "" {
			return s.Client
		}
		for _, e := range s.Events {
			if e.Client != "" {
				return e.Client
			}
		}
	}
	return ""
}

// Subject is the id of the identity that it is about.
func (t *Tale) Subject() string {
	for _, s := range slices.Backward(t.Steps) {
		for _, e := range slices.Backward(s.Events) {
			if e.Subject != "" {
				return e.Subject
			}
		}
	}
	return ""
}

// has reports whether one of the causes is among those of the step.
func (s *Step) has(causes ...string) bool {
	return slices.ContainsFunc(s.Causes, func(c string) bool { return slices.Contains(causes, c) })
}

// says reports whether the reason has one of the words.
func (s *Step) says(words ...string) bool {
	reason := strings.ToLower(s.Reason)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(reason, strings.ToLower(w)) })
}

// event returns the first event of one of the kinds.
func (s *Step) event(kinds ...string) (Event, bool) {
	i := slices.IndexFunc(s.Events, func(e Event) bool { return slices.Contains(kinds, e.Kind) })
	if i < 0 {
		return Event{}, false
	}
	return s.Events[i], true
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// Writes reports whether a step may have written a mail, and when it ran.
func (s *Step) Writes() (from, until time.Time, ok bool) {
	const slack = time.Second // the clock of a database may be another one
	return s.At.Add(-slack), s.At.Add(time.Duration(s.Millis)*time.Millisecond + slack), s.Method == http.MethodPost && strings.Contains(s.Path, "/self-service/")
}

// undelivered is a mail of the step that was tried and did not leave.
func (s *Step) undelivered() (Mail, bool) {
	i := slices.IndexFunc(s.Mails, func(m Mail) bool { return m.Status == MailGivenUp || m.Status == MailWaiting && m.Attempts > 0 })
	if i < 0 {
		return Mail{}, false
	}
	return s.Mails[i], true
}
