package ui

import (
	"context"
	"errors"
	"net/http"

	"example.com/identityd/internal/identity"
)

const (
	internalTitle    = "Something went wrong"
	internalSentence = "This is our fault, not yours. Please try again in a moment."
)

// problem is what the error page says.
type problem struct {
	status   int
	title    string
	sentence string
	next     string // what to do; empty when the sentence says it
	details  []detail
	action   link // empty means the start page
}

type detail struct{ Name, Text string }

type link struct{ Label, Href string }

// problemOf is the one place where codes become pages. Whatever has no code is internal: its text
// is for the log alone.
func problemOf(err error) problem {
	var known *identity.Error
	if !errors.As(err, &known) {
		if !errors.Is(err, context.DeadlineExceeded) {
			return internal()
		}
		known = &identity.Error{Code: identity.Unavailable}
	}
	p := problem{sentence: known.Message}
	switch known.Code {
	case identity.Unavailable:
		p.status = http.StatusServiceUnavailable
		p.title = "We cannot be reached right now"
		p.sentence = "Part of this service is not answering at the moment."
		p.next = "Nothing is lost. Please try again in a few seconds."
	case identity.BadRequest:
		p.status = http.StatusBadRequest
		p.title = "That did not work"
		p.next = "Please go back to where you started and try again."
	case identity.NoSession:
		p.status = http.StatusUnauthorized
		p.title = "You are not signed in"
		p.action = link{"Sign in", "/login"}
	case identity.AALRequired:
		p.status = http.StatusForbidden
		p.title = "A second step is needed"
		p.action = link{"Continue", "/login?aal=aal2"}
	case identity.Forbidden:
		p.status = http.StatusForbidden
		p.title = "We stopped this to be safe"
		p.next = "Please go back to where you started and try again."
	case identity.NotFound:
		p.status = http.StatusNotFound
		p.title = "There is nothing here"
	case identity.Gone:
		p.status = http.StatusGone
		p.title = "This page has expired"
		p.next = "Please go back to where you started and try again."
	default:
		return internal()
	}
	return p
}

func internal() problem {
	return problem{
		status:   http.StatusInternalServerError,
		title:    internalTitle,
		sentence: internalSentence,
	}
}
