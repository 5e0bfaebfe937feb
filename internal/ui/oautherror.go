package ui

import (
	"net/http"

	"example.com/identityd/internal/locale"
)

// oauthProblem explains an OAuth2 error. Description and hint may be written by anybody who can
// make a link to this page: they are shown as a quotation, bounded, and never as our own words.
func oauthProblem(say *locale.Printer, code, description, hint string) problem {
	p := problem{
		status: http.StatusBadRequest,
		title:  say.Text("The application’s request is not valid"),
		next:   say.Text("Please go back to the application and try again, or tell the people who run it."),
	}
	switch code {
	case "access_denied":
		p.title = say.Text("Access was not given")
		p.sentence = say.Text("The application was told that it may not use your account.")
		p.next = say.Text("You can go back to the application and start again.")
	case "login_required", "consent_required", "interaction_required", "account_selection_required":
		p.title = say.Text("The application has to ask again")
		p.sentence = say.Text("It wanted to go on without asking you, which is not possible right now.")
		p.next = say.Text("Please go back to the application and sign in there again.")
	case "invalid_client", "unauthorized_client":
		p.sentence = say.Text("It is not registered here, or may not sign people in this way.")
	case "invalid_scope":
		p.sentence = say.Text("It wanted a permission that it is not allowed to ask for.")
	case "request_forbidden":
		p.title = say.Text("We could not match this to your browser")
		p.sentence = say.Text("The answer came without the cookie that was set when you started.")
		p.next = say.Text("Allow cookies for this site, then start again from the application.")
	case "server_error":
		p = internal(say)
	case "temporarily_unavailable":
		p.status = http.StatusServiceUnavailable
		p.title = say.Text("We cannot be reached right now")
		p.sentence = say.Text("Part of this service is not answering at the moment.")
		p.next = say.Text("Please try again in a few seconds.")
	default:
		p.sentence = say.Text("Its request cannot be understood, so you cannot be signed in to it.")
	}
	for _, d := range []detail{
		{say.Text("Error"), plain(code, 64)},
		{say.Text("Description"), plain(description, maxSentence)},
		{say.Text("Hint"), plain(hint, maxSentence)},
	} {
		if d.Text != "" {
			p.details = append(p.details, d)
		}
	}
	return p
}
