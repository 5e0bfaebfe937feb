package ui

import (
	"net/http"

	"example.com/identityd/internal/locale"
)

// knownProblem explains the failures that Kratos names (kratos: text/message_error.go), each with a way on. It
// has no name for most of what providers and mail get wrong.
func knownProblem(say *locale.Printer, brand, kind string, status int) (problem, bool) {
	p := problem{status: status}
	switch kind {
	case "identityd_invitation_required": // internal/kratos/invitation.go
		return byInvitation(say, brand), true
	case "identityd_account_disabled": // internal/kratos/faults.go
		p.title = say.Text("This account is disabled")
		p.sentence = say.Text("The people who run this service have switched it off.")
	case "identityd_provider_failed": // internal/kratos/faults.go
		p.title = say.Text("That did not work")
		p.sentence = say.Text("The service that you signed in with did not confirm who you are. Perhaps it took too long.")
		p.next = say.Text("Please start again.")
		p.action = link{say.Text("Start again"), "/login"}
	case "security_csrf_violation":
		return problemByStatus(say, problem{status: http.StatusForbidden})
	case "security_identity_mismatch":
		p.title = say.Text("We stopped this to be safe")
		p.sentence = say.Text("It was begun by another account that was signed in in this browser.")
		p.next = say.Text("Please start again with the account that you want to use.")
	case "session_already_available", "session_aal_already_fulfilled":
		p.title = say.Text("You are signed in already")
		p.sentence = say.Text("There is nothing left to do here.")
		p.action = link{say.Text("Continue"), "/"}
	case "session_refresh_required":
		p.title = say.Text("Confirm it is you")
		p.sentence = say.Text("This changes how you sign in, and it has been a while since you did.")
		p.action = link{say.Text("Continue"), "/login?refresh=true"}
	case "session_aal1_required", "session_inactive":
		return problemByStatus(say, problem{status: http.StatusUnauthorized})
	case "session_aal2_required":
		p.title = say.Text("A second step is needed")
		p.sentence = say.Text("A second step is needed to sign in.")
		p.action = link{say.Text("Continue"), "/login?aal=aal2"}
	case "session_verified_address_required":
		p.title = say.Text("Verify your address")
		p.sentence = say.Text("Your address is not verified yet. Verify it, then you can sign in.")
		p.action = link{say.Text("Verify your address"), "/verification"}
	case "self_service_flow_expired", "self_service_flow_replaced":
		return problemByStatus(say, problem{status: http.StatusGone})
	case "self_service_flow_disabled":
		p.title = say.Text("This is not offered here")
		p.sentence = say.Text("The people who run this service have switched it off.")
	case "self_service_flow_return_to_forbidden":
		p.title = say.Text("We stopped this to be safe")
		p.sentence = say.Text("The link that brought you here leads on to a place that is not known here.")
		p.next = say.Text("If you trust the place you came from, tell the people who run it.")
	default:
		return p, false
	}
	return p, true
}
