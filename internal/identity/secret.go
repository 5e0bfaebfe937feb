package identity

import "time"

// ReplacedSecret is a secret of an application that is honored beside the one that took its place.
type ReplacedSecret struct {
	Client string
	// Current stands for the stored hash of the secret that took its place. Whatever else takes the place of
	// that one ends this one too.
	Current string
	// Hash is that of the secret.
	Hash        string
	Made, Until time.Time
}
