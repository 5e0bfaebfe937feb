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
	// Password is sign-in with a password.
	Password Password `yaml:"password"`
	// Passkey is sign-in with a passkey.
	Passkey Method `yaml:"passkey"`
	// Code is sign-in with a code sent by mail.
	Code Method `yaml:"code"`
}

// LoginSecond are the second factors.
type LoginSecond struct {
	// TOTP is a code from an authenticator application.
	TOTP Method `yaml:"totp"`
	// SecurityKey is a hardware key.
	SecurityKey Method `yaml:"security_key"`
	// RecoveryCodes are codes for a rainy day.
	RecoveryCodes Method `yaml:"recovery_codes"`
	// Required says when a second factor is asked for: never, offered or always.
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

// Provider is an upstream sign-in service.
type Provider struct {
	// ID is a preset (google, github, gitlab, microsoft, apple, oidc).
	ID string `yaml:"id"`
	// ClientID is this service's name at the provider.
	ClientID string `yaml:"client_id"`
	// ClientSecretFile holds the secret the provider gave out.
	ClientSecretFile string `yaml:"client_secret_file"`
}

// SecondFactor says when a second factor is asked for.
type SecondFactor string

func (SecondFactor) words() []string { return []string{"never", "offered", "always"} }

func defaultLogin(p Profile) Login {
	return Login{
		First:  LoginFirst{Password: Password{Enabled: true, MinLength: 12, BreachCheck: p == Production}},
		Second: LoginSecond{Required: "offered"},
	}
}
