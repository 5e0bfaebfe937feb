package config

// Login says how people prove who they are.
type Login struct {
	// First are the first factors: what signs somebody in.
	First LoginFirst `yaml:"first"`
	// Second are the second factors, and who needs one.
	Second LoginSecond `yaml:"second"`
	// Providers are services that people may sign in with, such as Google or a company directory.
	//
	//	login:
	//	  providers:
	//	    - id: google
	//	      client_id: 1234.apps.googleusercontent.com
	//	      client_secret_file: secrets/google
	//	    - id: company
	//	      preset: oidc
	//	      name: Example Ltd
	//	      issuer: https://login.example.com
	//	      client_id: identityd
	//	      client_secret_file: secrets/company
	Providers []Provider `yaml:"providers"`
}

// LoginFirst are the first factors.
type LoginFirst struct {
	// Style says whether the page for signing in shows every way at once (unified), or asks who it is
	// first and offers that person's ways then (identifier_first).
	Style LoginStyle `yaml:"style"`
	// Password is sign-in with a password.
	Password Password `yaml:"password"`
	// Passkey is sign-in with a passkey: the key in a phone, a computer or a stick, by fingerprint, face or PIN.
	Passkey Method `yaml:"passkey"`
	// Code is sign-in with a code sent by mail, without a password.
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
	// TOTP is a code from an authenticator application, of six digits and half a minute.
	TOTP Method `yaml:"totp"`
	// SecurityKey is a key of hardware that is plugged in or held to the phone.
	SecurityKey Method `yaml:"security_key"`
	// RecoveryCodes are codes that work once each, for the day when the other second factor is lost.
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
	// BreachCheck refuses passwords that attackers know: offline by a list in the program, online also by a
	// service, which is told the first five characters of a hash; or off. Default: online in production,
	// offline in development, on SQLite and with outbound.none.
	BreachCheck BreachCheck `yaml:"breach_check"`
	// BreachHost is that service, as host or host:port. It speaks as Have I Been Pwned does.
	BreachHost string `yaml:"breach_host"`
}

// BreachCheck says whom to ask whether attackers know a password.
type BreachCheck string

// Choices for login.first.password.breach_check.
const (
	BreachOnline  BreachCheck = "online"
	BreachOffline BreachCheck = "offline"
	BreachOff     BreachCheck = "off"
)

func (BreachCheck) words() []string { return []string{"online", "offline", "off"} }

// spoken reads what was written when this was true or false.
func (BreachCheck) spoken() map[string]string {
	return map[string]string{"true": string(BreachOnline), "false": string(BreachOff)}
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
			Password: Password{Enabled: true, MinLength: 12, BreachCheck: defaultBreachCheck(p), BreachHost: "api.pwnedpasswords.com"},
			Passkey:  on,
		},
		Second: LoginSecond{TOTP: on, SecurityKey: on, RecoveryCodes: on, Required: SecondOffered},
	}
}

func defaultBreachCheck(p Profile) BreachCheck {
	if p == Production {
		return BreachOnline
	}
	return BreachOffline
}

// settle switches second factors off where none is asked for.
func (s *LoginSecond) settle() {
	if s.Required == SecondNever {
		s.TOTP, s.SecurityKey, s.RecoveryCodes = Method{}, Method{}, Method{}
	}
}

// WebAuthn reports whether anything binds a key to the domain of the pages.
func (l Login) WebAuthn() bool { return l.First.Passkey.Enabled || l.Second.SecurityKey.Enabled }
