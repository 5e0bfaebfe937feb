package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

type errorPage struct {
	layout
	Status    int
	Heading   string
	Sentence  string
	Next      string
	Details   []detail
	RequestID string
	Action    link
}

func (u *UI) errorPage(p problem, requestID string) errorPage {
	action := p.action
	if action.Href == "" {
		action = link{"Go to the start page", "/"}
	}
	return errorPage{
		layout:    u.layout(p.title),
		Status:    p.status,
		Heading:   p.title,
		Sentence:  p.sentence,
		Next:      p.next,
		Details:   p.details,
		RequestID: requestID,
		Action:    action,
	}
}

// showError is where both engines send a browser that they cannot help: Kratos with the id of a
// stored failure, Hydra with the failure itself in the query.
func (u *UI) showError(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if code := query.Get("error"); code != "" {
		u.fail(w, r, oauthProblem(code, query.Get("error_description"), query.Get("error_hint")))
		return nil
	}
	id := query.Get("id")
	if !validID(id) {
		u.fail(w, r, internal())
		return nil
	}
	stored, err := u.cfg.Flows.FlowError(r.Context(), id, cookies(r))
	if isCode(err, identity.NotFound) || isCode(err, identity.Gone) {
		return &identity.Error{
			Code: identity.NotFound, Message: "What went wrong is no longer on record.", Err: err,
		}
	}
	if err != nil {
		return err
	}
	u.fail(w, r, storedProblem(stored))
	return nil
}

// storedProblem shows Kratos' own reason under "details" only: it is written for developers.
func storedProblem(stored *identity.FlowError) problem {
	p := problem{
		status: stored.Status,
		title:  "That did not work",
		next:   "Please go back to where you started and try again.",
	}
	switch status := stored.Status; {
	case status == http.StatusForbidden:
		p.title = "We stopped this to be safe"
		p.sentence = "The form did not come from a page that we showed in this browser."
		p.next = "Please start again. If it happens twice, allow cookies for this site."
	case status == http.StatusUnauthorized:
		p.title = "You are not signed in"
		p.sentence = "Your session has ended, or nobody is signed in in this browser."
		p.action = link{"Sign in", "/login"}
	case status == http.StatusNotFound, status == http.StatusGone:
		p.title = "This page has expired"
		p.sentence = "It was open for too long, or was already used."
	case status >= 400 && status < 500:
		p.sentence = "Something about the request was not as it should be."
	default:
		return internal()
	}
	reason := stored.Reason
	if reason == "" {
		reason = stored.Message
	}
	if reason = plain(reason, maxSentence); reason != "" {
		p.details = []detail{{"Reason", reason}}
	}
	return p
}
