package ui

import (
	"context"
	"errors"
	"net/http"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// problem is what the error page says.
type problem struct {
	status   int
	title    string
	sentence string
	next     string // what to do; empty when the sentence says it
	details  []detail
	account  string // who is signed in, where that is worth saying
	action   link   // empty means the start page
}

type detail struct{ Name, Text string }

type link struct{ Label, Href string }

// problemOf is the one place where codes become pages. Whatever has no code is internal: its text
// is for the log alone.
func problemOf(say *locale.Printer, err error) problem {
	var known *identity.Error
	if !errors.As(err, &known) {
		if !errors.Is(err, context.DeadlineExceeded) {
			return internal(say)
		}
		known = &identity.Error{Code: identity.Unavailable}
	}
	p := problem{sentence: say.Known(known.Message)}
	switch known.Code {
	case identity.Unavailable:
		p.status = http.StatusServiceUnavailable
		p.title = say.Text("We cannot be reached right now")
		p.sentence = say.Text("Part of this service is not answering at the moment.")
		p.next = say.Text("Nothing is lost. Please try again in a few seconds.")
	case identity.BadRequest:
		p.status = http.StatusBadRequest
		p.title = say.Text("That did not work")
		p.next = say.Text("Please go back to where you started and try again.")
	case identity.NoSession:
		p.status = http.StatusUnauthorized
		p.title = say.Text("You are not signed in")
		p.action = link{say.Text("Sign in"), "/login"}
	case identity.AALRequired:
		p.status = http.StatusForbidden
		p.title = say.Text("A second step is needed")
		p.action = link{say.Text("Continue"), "/login?aal=aal2"}
	case identity.Forbidden:
		p.status = http.StatusForbidden
		p.title = say.Text("We stopped this to be safe")
		p.next = say.Text("Please go back to where you started and try again.")
	case identity.NotFound:
		p.status = http.StatusNotFound
		p.title = say.Text("There is nothing here")
	case identity.Gone:
		p.status = http.StatusGone
		p.title = say.Text("This page has expired")
		p.next = say.Text("Please go back to where you started and try again.")
	default:
		return internal(say)
	}
	return p
}

func internal(say *locale.Printer) problem {
	return problem{
		status:   http.StatusInternalServerError,
		title:    say.Text("Something went wrong"),
		sentence: say.Text("This is our fault, not yours. Please try again in a moment."),
	}
}
