package stack

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"example.com/identityd/internal/adminguard"
	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/why"
)

// noteChange puts a change by an admin API on record: before it is let through, and what came of it.
func (s *Stack) noteChange(l *listener) func(*http.Request, adminguard.Change) (func(int), error) {
	return func(r *http.Request, c adminguard.Change) (func(int), error) {
		t := s.trail.Load()
		if t == nil {
			return nil, fmt.Errorf("%w: the process is starting", audit.ErrUnwritten)
		}
		audit.SceneOf(r.Context()).SetActor(audit.ActorAdmin + c.By)
		e := changeOf(l.name, c)
		e.Outcome = audit.Intended
		if err := t.Write(r.Context(), e); err != nil {
			return nil, err
		}
		return func(status int) {
			done := changeOf(l.name, c)
			done.Details["answer"] = strconv.Itoa(status)
			if status < 200 || status > 399 {
				done.Outcome = audit.Failed
			}
			// The intention is on record; that the trail is closing meanwhile is in the log.
			_ = t.Note(r.Context(), done)
		}, nil
	}
}

// noteTurned puts on record what was not let in.
func (s *Stack) noteTurned(l *listener) func(*http.Request, string, int) {
	return func(r *http.Request, by string, status int) {
		what := strconv.Itoa(status)
		if status == http.StatusForbidden && by != "" {
			what = "scope"
		}
		told(r.Context(), identity.Told{Cause: why.Admin + what})
		t := s.trail.Load()
		if t == nil || status == http.StatusServiceUnavailable {
			return
		}
		e := audit.Event{
			Kind: audit.AdminRefused, Outcome: audit.Refused, Actor: "unknown",
			Details: map[string]string{"listener": l.name, "method": method(r.Method), "answer": strconv.Itoa(status)},
		}
		if by != "" {
			e.Actor = audit.ActorAdmin + by
		}
		_ = t.Note(r.Context(), e) // as above
	}
}

// changeOf says on whom: the identity or the client that the path names.
func changeOf(listener string, c adminguard.Change) audit.Event {
	e := audit.Event{
		Kind: audit.AdminChange, Actor: audit.ActorAdmin + c.By,
		Details: map[string]string{"listener": listener, "method": c.Method, "path": c.Path},
	}
	parts := strings.Split(strings.Trim(c.Path, "/"), "/")
	if len(parts) > 1 && parts[1] == "identityd" { // of ours, about the same things
		parts = slices.Delete(parts, 1, 2)
	}
	if len(parts) >= 3 && parts[0] == "admin" {
		switch parts[1] {
		case "identities":
			e.Subject = parts[2]
		case "clients":
			e.Client = parts[2]
		}
	}
	return e
}

// method keeps what a stranger wrote in place of a method out of the trail.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
