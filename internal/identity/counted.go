package identity

// Counted is what a part adds up for the metrics: nothing of a person, and words of the closed lists of
// internal/tally only.
type Counted struct {
	// Began is a flow that began: login, second_factor, registration, recovery, verification, settings.
	Began string
	// Cause is why something in this request failed, in the words of Told.Cause.
	Cause string
	// Grant is the grant type that the token endpoint is asked for.
	Grant string
}
