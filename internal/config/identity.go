package config

// Identity says what an account consists of.
type Identity struct {
	// Schema is the schema of new accounts: a preset (email, username, email@1, username@1), a file
	// (file://...) or a name in schemas.
	Schema string `yaml:"schema"`
	// Schemas are further schemas by name, each a file://... address.
	Schemas map[string]string `yaml:"schemas"`
	// Verification says whether an address must be verified before sign-in: required or optional.
	// Empty: what the profile says, once verification is there.
	Verification Verification `yaml:"verification"`
}

// Verification says whether an address must be verified before sign-in.
type Verification string

func (Verification) words() []string { return []string{"required", "optional"} }

func defaultIdentity() Identity { return Identity{Schema: "email"} }

// Registration says who may sign up.
type Registration struct {
	// Mode is open, invite or closed.
	Mode RegistrationMode `yaml:"mode"`
}

// RegistrationMode says who may sign up.
type RegistrationMode string

func (RegistrationMode) words() []string { return []string{"open", "invite", "closed"} }

func defaultRegistration() Registration { return Registration{Mode: "open"} }
