package ui

import (
	"net/http"
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

type errorPage struct {
	layout
	foot
	Heading  string
	Sentence string
	Next     string
	Details  []detail
	Account  string
	Action   link
}

// foot is what somebody quotes who asks for help.
type foot struct {
	Status          int
	Code, RequestID string
}

func (u *UI) foot(r *http.Request, status int) foot {
	f := foot{Status: status, RequestID: u.cfg.RequestID(r.Context())}
	if u.cfg.ErrorCode != nil {
		f.Code = u.cfg.ErrorCode(r.Context(), status)
	}
	return f
}

func (u *UI) errorPage(say *locale.Printer, p problem, at foot) errorPage {
	action := p.action
	if action.Href == "" {
		action = link{say.Text("Go to the start page"), "/"}
	}
	return errorPage{
		layout:   u.layoutIn(say, p.title),
		foot:     at,
		Heading:  p.title,
		Sentence: p.sentence,
		Next:     p.next,
		Details:  p.details,
		Account:  p.account,
		Action:   action,
	}
}

// showError is where both engines send a browser that they cannot help: Kratos with the id of a
// stored failure, Hydra with the failure itself in the query.
func (u *UI) showError(w http.ResponseWriter, r *http.Request) error {
	query, say := r.URL.Query(), u.printer(r)
	if code := query.Get("error"); code != "" {
		if isCodeWord(code) {
			u.tell(r, identity.Told{
				Cause: "oauth:" + code, Reason: strings.TrimSpace(query.Get("error_description") + " " + query.Get("error_hint")),
				Client: query.Get("client_id"),
			})
		}
		u.fail(w, r, u.appFailed(r, oauthProblem(say, code, query.Get("error_description"), query.Get("error_hint"))))
		return nil
	}
	id := query.Get("id")
	if !validID(id) {
		// Nothing failed here: somebody typed the address, or an old link lost its end.
		return &identity.Error{Code: identity.NotFound, Message: "What went wrong is no longer on record."}
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
	u.tellStored(r, stored)
	u.fail(w, r, u.appFailed(r, storedProblem(say, u.cfg.Brand.Name, stored)))
	return nil
}

// storedProblem shows Kratos' own reason under "details" only: it is written for developers.
func storedProblem(say *locale.Printer, brand string, stored *identity.FlowError) problem {
	p := problem{
		status: stored.Status,
		title:  say.Text("That did not work"),
		next:   say.Text("Please go back to where you started and try again."),
	}
	if known, ok := knownProblem(say, brand, stored.Kind, stored.Status); ok {
		p = known
	} else if p, ok = problemByStatus(say, p); !ok {
		return internal(say)
	}
	reason := stored.Reason
	if reason == "" {
		reason = stored.Message
	}
	if reason = plain(reason, maxSentence); reason != "" {
		p.details = []detail{{say.Text("Reason"), reason}}
	}
	return p
}

// problemByStatus explains a failure that has no name of its own.
func problemByStatus(say *locale.Printer, p problem) (problem, bool) {
	switch status := p.status; {
	case status == http.StatusForbidden:
		p.title = say.Text("We stopped this to be safe")
		p.sentence = say.Text("The form did not come from a page that we showed in this browser.")
		p.next = say.Text("Please start again. If it happens twice, allow cookies for this site.")
	case status == http.StatusUnauthorized:
		p.title = say.Text("You are not signed in")
		p.sentence = say.Text("Your session has ended, or nobody is signed in in this browser.")
		p.action = link{say.Text("Sign in"), "/login"}
	case status == http.StatusNotFound, status == http.StatusGone:
		p.title = say.Text("This page has expired")
		p.sentence = say.Text("It was open for too long, or was already used.")
	case status >= 400 && status < 500:
		p.sentence = say.Text("Something about the request was not as it should be.")
	default:
		return p, false
	}
	return p, true
}
