package identity

// Consenting is a consent that is about to be granted.
type Consenting struct {
	Person           Identity
	Client           string
	Scopes, Audience []string
	// Remembered says that the person was not asked.
	Remembered bool
}

// ConsentRefusal says that it must not be. Texts are for the person, and may be none.
type ConsentRefusal struct {
	Texts []string
	// Failed says that who had to be asked could not be; trying again helps.
	Failed bool
}
