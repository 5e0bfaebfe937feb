package config

// Login says how people prove who they are.
type Login struct {
	// First are the first factors.
	First LoginFirst `yaml:"first"`
	// Second are the second factors.
	Second LoginSecond `yaml:"second"`
	// Providers are upstream sign-in services.
	Providers []Provider `yaml:"providers"`
}

// LoginFirst are the first factors.
type LoginFirst struct {
	// Style says whether the page for signing in shows every way at once (unified), or asks who it is
	// first and offers that person's ways then (identifier_first).
	Style LoginStyle `yaml:"style"`
	// Password is sign-in with a password.
	Password Password `yaml:"password"`
	// Passkey is sign-in with a passkey.
	Passkey Method `yaml:"passkey"`
	// Code is sign-in with a code sent by mail.
	Code Method `yaml:"code"`
}

// LoginStyle says how the page for signing in is cut.
type LoginStyle string

// Choices for login.first.style.
const (
	LoginUnified         LoginStyle = "unified"
	LoginIdentifierFirst LoginStyle = "identifier_first"
)

func (LoginStyle) words() []string { return []string{"unified", "identifier_first"} }

// LoginSecond are the second factors.
type LoginSecond struct {
	// TOTP is a code from an authenticator application.
	TOTP Method `yaml:"totp"`
	// SecurityKey is a hardware key.
	SecurityKey Method `yaml:"security_key"`
	// RecoveryCodes are codes for a rainy day.
	RecoveryCodes Method `yaml:"recovery_codes"`
	// Required says when a second factor is asked for: never (there are none), offered (of those who
	// set one up) or always (who has none has to set one up before anything else).
	Required SecondFactor `yaml:"required"`
}

// Method is a way to sign in without settings of its own.
type Method struct {
	// Enabled switches the method on.
	Enabled bool `yaml:"enabled"`
}

// Password is sign-in with a password.
type Password struct {
	// Enabled switches the method on.
	Enabled bool `yaml:"enabled"`
	// MinLength is the smallest number of characters of a new password.
	MinLength int `yaml:"min_length"`
	// BreachCheck refuses passwords that api.pwnedpasswords.com knows from breaches. It is told the
	// first five characters of a hash. Default: in production, but on SQLite.
	BreachCheck bool `yaml:"breach_check"`
}

// SecondFactor says when a second factor is asked for.
type SecondFactor string

// Choices for login.second.required.
const (
	SecondNever   SecondFactor = "never"
	SecondOffered SecondFactor = "offered"
	SecondAlways  SecondFactor = "always"
)

func (SecondFactor) words() []string { return []string{"never", "offered", "always"} }

func defaultLogin(p Profile) Login {
	on := Method{Enabled: true}
	return Login{
		First: LoginFirst{
			Style:    LoginUnified,
			Password: Password{Enabled: true, MinLength: 12, BreachCheck: p == Production},
			Passkey:  on,
		},
		Second: LoginSecond{TOTP: on, SecurityKey: on, RecoveryCodes: on, Required: SecondOffered},
	}
}

// settle switches second factors off where none is asked for.
func (s *LoginSecond) settle() {
	if s.Required == SecondNever {
		s.TOTP, s.SecurityKey, s.RecoveryCodes = Method{}, Method{}, Method{}
	}
}

// WebAuthn reports whether anything binds a key to the domain of the pages.
func (l Login) WebAuthn() bool { return l.First.Passkey.Enabled || l.Second.SecurityKey.Enabled }
