package demo

import (
	"context"
	"errors"
	"net/http"

	"golang.org/x/oauth2"
)

// problem is what a person reads when something did not work.
type problem struct {
	status int
	Title  string
	Text   string
	// Code and Description are the provider's own words.
	Code, Description string
	Checks            []check
	Exchanges         []exchange
}

func (a *app) problem(w http.ResponseWriter, p problem) {
	render(w, a, p.status, a.pages.Problem, problemPage{layout: a.layout(p.Title), Problem: p})
}

// refusal shows an error that the provider sent to the redirect address.
func refusal(code, description string, seen []exchange) problem {
	return problem{
		status: http.StatusOK, Title: "The provider said no", Text: meaning(code),
		Code: code, Description: description, Exchanges: seen,
	}
}

// tokenProblem shows why there are no tokens.
func tokenProblem(err error, seen []exchange) problem {
	p := problem{status: http.StatusBadGateway, Title: "There are no tokens", Exchanges: seen}
	var answered *oauth2.RetrieveError
	switch {
	case errors.As(err, &answered) && answered.ErrorCode != "":
		p.Title = "The provider did not take the code"
		p.Code, p.Description, p.Text = answered.ErrorCode, answered.ErrorDescription, meaning(answered.ErrorCode)
	case noAnswer(seen):
		p.Text = unreachable(err)
	default:
		p.Text = "The provider's answer to the token request makes no sense to an OAuth2 client."
	}
	return p
}

// tokenNote is tokenProblem for a line on the tokens page.
func tokenNote(err error) string {
	var answered *oauth2.RetrieveError
	if !errors.As(err, &answered) {
		return unreachable(err)
	}
	note := "The provider refuses: " + orText(answered.ErrorCode, answered.Response.Status) + "."
	if answered.ErrorDescription != "" {
		note += " " + answered.ErrorDescription
	}
	return note
}

func refusedGrant(err error) bool {
	var answered *oauth2.RetrieveError
	return errors.As(err, &answered) && answered.ErrorCode == "invalid_grant"
}

func noAnswer(seen []exchange) bool { return len(seen) == 0 || seen[len(seen)-1].Status == "" }

// unreachable says in words for people why there was no answer.
func unreachable(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "The provider did not answer in time."
	}
	return "The provider does not answer. Is identityd serve still running?"
}

// meaning explains the codes of RFC 6749 and OpenID Connect Core 3.1.2.6 that one meets here.
func meaning(code string) string {
	switch code {
	case "access_denied":
		return "The person, or the provider for them, refused the request. An application shows that and " +
			"goes on without them."
	case "login_required":
		return "With prompt=none the provider may not ask for anything, and nobody is signed in there."
	case "consent_required", "interaction_required", "account_selection_required":
		return "With prompt=none the provider may not ask for anything, and it would have to."
	case "invalid_scope":
		return "The client may not ask for one of the scopes. Which ones it may is part of its registration."
	case "invalid_client":
		return "The client's id or secret is not the one that is registered. Another demo that was started " +
			"meanwhile has registered a new secret: end this one."
	case "invalid_grant":
		return "The code or token was used already, has expired, or belongs to another client or redirect address."
	case "unauthorized_client", "unsupported_response_type", "unsupported_grant_type":
		return "The client's registration does not allow this way of asking."
	case "request_forbidden":
		return "The provider does not know this browser's request: cookies were missing or it took too long."
	case "server_error", "temporarily_unavailable":
		return "Something is wrong at the provider. Its log says more."
	default:
		return "The provider gave no tokens. These are its words:"
	}
}
