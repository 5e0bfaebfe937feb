package ui

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

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
	parameter := parameterOf(description + " " + hint)
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
	case "unsupported_response_type", "unsupported_response_mode":
		p.sentence = say.Text("It wants its answer in a way that it may not use.")
	case "invalid_request_object", "invalid_request_uri", "request_not_supported", "request_uri_not_supported":
		parameter = orText(parameter, "request")
		p.sentence = say.Text("Its signed request could not be read or checked.")
	case "request_forbidden":
		p.title = say.Text("We could not match this to your browser")
		p.sentence = say.Text("The answer came without the cookie that was set when you started.")
		p.next = say.Text("Allow cookies for this site, then start again from the application.")
	case "request_unauthorized":
		p.status = http.StatusGone
		p.title = say.Text("This page has expired")
		p.sentence = say.Text("It was open for too long, or was already used.")
		p.next = say.Text("Please go back to the application and sign in there again.")
	case "server_error":
		p = internal(say)
	case "temporarily_unavailable":
		p.status = http.StatusServiceUnavailable
		p.title = say.Text("We cannot be reached right now")
		p.sentence = say.Text("Part of this service is not answering at the moment.")
		p.next = say.Text("Please try again in a few seconds.")
	default:
		p.sentence = wrongParameter(say, parameter)
	}
	for _, d := range []detail{
		{say.Text("Error"), plain(code, 64)},
		{say.Text("Parameter"), parameter},
		{say.Text("Description"), plain(description, maxSentence)},
		{say.Text("Hint"), plain(hint, maxSentence)},
	} {
		if d.Text != "" {
			p.details = append(p.details, d)
		}
	}
	return p
}

func orText(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

// wrongParameter says in words what is wrong with a request, as far as its parameter tells.
func wrongParameter(say *locale.Printer, parameter string) string {
	switch parameter {
	case "redirect_uri":
		return say.Text("The address that it wants to send you back to is not registered for it.")
	case "state", "nonce":
		return say.Text("It left out what protects its request from being forged, or made it too short.")
	case "code_challenge", "code_challenge_method":
		return say.Text("It left out the proof that the answer is its own, or gave a wrong one.")
	case "prompt", "max_age", "id_token_hint":
		return say.Text("What it asks of the sign-in itself cannot be fulfilled.")
	default:
		return say.Text("Its request cannot be understood, so you cannot be signed in to it.")
	}
}

// parameterOf returns the parameter of an authorization request that a text of Hydra's names. The text may
// be anybody's, so that it can be one of those names and nothing else.
func parameterOf(text string) string {
	known := []string{
		"acr_values", "audience", "client_id", "code_challenge", "code_challenge_method", "display", "id_token_hint",
		"login_hint", "max_age", "nonce", "prompt", "redirect_uri", "registration", "request_uri", "response_mode",
		"response_type", "scope", "state", "ui_locales",
	}
	words := regexp.MustCompile(`[a-z_]+`).FindAllString(strings.ToLower(text), -1)
	// A name in quotes is what is meant; others may be mentioned beside it.
	for _, quoted := range regexp.MustCompile(`["'\x60]([a-z_]+)["'\x60]`).FindAllStringSubmatch(text, -1) {
		words = slices.Insert(words, 0, quoted[1])
	}
	for _, word := range words {
		if slices.Contains(known, strings.TrimSuffix(word, "s")) {
			return strings.TrimSuffix(word, "s")
		}
		if slices.Contains(known, word) {
			return word
		}
	}
	return ""
}
