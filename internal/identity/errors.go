package identity

import "fmt"

// Code says what went wrong in a word that a caller may branch on.
type Code string

// The codes. Anything an adapter cannot name is Internal, and its text is never shown.
const (
	Internal    Code = "internal"     // 500: shown as one fixed sentence with the request id
	Unavailable Code = "unavailable"  // 503: the database or an engine is away; trying again helps
	BadRequest  Code = "bad_request"  // 400
	NoSession   Code = "no_session"   // 401: nobody is signed in
	AALRequired Code = "aal_required" // 403: signed in, but a second factor is asked for
	Forbidden   Code = "forbidden"    // 403: CSRF, or somebody else's flow
	NotFound    Code = "not_found"    // 404: no such flow, request or page
	Gone        Code = "gone"         // 410: expired, or already answered: start again
)

// Error is a failure that may be shown to a person. Message is a plain sentence; Err, when there is
// one, is for the log only.
type Error struct {
	Code    Code
	Message string
	// RedirectTo, when set, is where the browser has to go instead (Gone and AALRequired).
	RedirectTo string
	Err        error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// FlowError is a failure that Kratos stored for the error page
// (Kratos: GET /self-service/errors?id=).
type FlowError struct {
	ID      string
	Kind    string // Kratos' word for what happened, such as security_csrf_violation, or empty
	Status  int    // HTTP status
	Reason  string // a sentence Kratos means to be shown
	Message string
}
