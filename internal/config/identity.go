package config

// Identity says what an account consists of.
type Identity struct {
	// Schema is the schema of new accounts: a preset (email, username, email@1, username@1), a file
	// (file://...) or a name in schemas.
	Schema string `yaml:"schema"`
	// Schemas are further schemas by name, each a file://... address.
	//
	//	identity:
	//	  schema: email
	//	  schemas: { staff: "file://staff.schema.json" }
	Schemas map[string]string `yaml:"schemas"`
	// Verification says whether an address must be verified before sign-in: required or optional.
	// Default: required in production, optional in development.
	Verification Verification `yaml:"verification"`
}

// Verification says whether an address must be verified before sign-in.
type Verification string

// Choices for identity.verification.
const (
	VerificationRequired Verification = "required"
	VerificationOptional Verification = "optional"
)

func (Verification) words() []string { return []string{"required", "optional"} }

func defaultIdentity(p Profile) Identity {
	if p == Development {
		return Identity{Schema: "email", Verification: VerificationOptional}
	}
	return Identity{Schema: "email", Verification: VerificationRequired}
}

// Registration says who may sign up.
type Registration struct {
	// Mode is open, invite (nobody without an invitation, which identityd invite makes) or closed.
	Mode RegistrationMode `yaml:"mode"`
	// Steps says how the form is cut: one page for all, or two, the second one for the credential.
	Steps RegistrationSteps `yaml:"steps"`
}

// RegistrationMode says who may sign up.
type RegistrationMode string

// Choices for registration.mode.
const (
	RegistrationOpen   RegistrationMode = "open"
	RegistrationInvite RegistrationMode = "invite"
	RegistrationClosed RegistrationMode = "closed"
)

func (RegistrationMode) words() []string { return []string{"open", "invite", "closed"} }

// RegistrationSteps says how the form for signing up is cut.
type RegistrationSteps string

// Choices for registration.steps.
const (
	RegistrationOneStep  RegistrationSteps = "one"
	RegistrationTwoSteps RegistrationSteps = "two"
)

func (RegistrationSteps) words() []string { return []string{"one", "two"} }

func defaultRegistration() Registration {
	return Registration{Mode: RegistrationOpen, Steps: RegistrationOneStep}
}
