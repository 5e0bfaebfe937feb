package ui

import "net/http"

// oauthProblem explains an OAuth2 error. Description and hint may be written by anybody who can
// make a link to this page: they are shown as a quotation, bounded, and never as our own words.
func oauthProblem(code, description, hint string) problem {
	p := problem{
		status: http.StatusBadRequest,
		title:  "The application’s request is not valid",
		next:   "Please go back to the application and try again, or tell the people who run it.",
	}
	switch code {
	case "access_denied":
		p.title = "Access was not given"
		p.sentence = "The application was told that it may not use your account."
		p.next = "You can go back to the application and start again."
	case "login_required", "consent_required", "interaction_required", "account_selection_required":
		p.title = "The application has to ask again"
		p.sentence = "It wanted to go on without asking you, which is not possible right now."
		p.next = "Please go back to the application and sign in there again."
	case "invalid_client", "unauthorized_client":
		p.sentence = "It is not registered here, or may not sign people in this way."
	case "invalid_scope":
		p.sentence = "It wanted a permission that it is not allowed to ask for."
	case "request_forbidden":
		p.title = "We could not match this to your browser"
		p.sentence = "The answer came without the cookie that was set when you started."
		p.next = "Allow cookies for this site, then start again from the application."
	case "server_error":
		p.status, p.title, p.sentence = http.StatusInternalServerError, internalTitle,
			internalSentence
		p.next = ""
	case "temporarily_unavailable":
		p.status = http.StatusServiceUnavailable
		p.title = "We cannot be reached right now"
		p.sentence = "Part of this service is not answering at the moment."
		p.next = "Please try again in a few seconds."
	default:
		p.sentence = "Its request cannot be understood, so you cannot be signed in to it."
	}
	for _, d := range []detail{
		{"Error", plain(code, 64)},
		{"Description", plain(description, maxSentence)},
		{"Hint", plain(hint, maxSentence)},
	} {
		if d.Text != "" {
			p.details = append(p.details, d)
		}
	}
	return p
}
