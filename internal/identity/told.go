package identity

// Told is what a part knows of a request that helps to say later why it ended as it did. Nothing in it may be a
// secret but Step, which is kept as a mark alone.
type Told struct {
	// Step is a challenge, the id of a flow, or the signature of a code: it joins the requests of one sign-in.
	Step string
	// Client is the id of an OAuth2 client.
	Client string
	// Cause is a word for what went wrong, such as oauth:invalid_scope, and Reason a sentence of an engine's.
	Cause, Reason string
}
