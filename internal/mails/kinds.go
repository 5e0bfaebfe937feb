package mails

import (
	"time"

	"example.com/identityd/internal/locale"
)

// Kind is a mail of Kratos' by the name that its courier has for it (kratos: courier/template/type.go).
type Kind string

// The mails that Kratos sends. The invalid ones go to an address that no account has, where that is
// switched on.
const (
	RecoveryCode            Kind = "recovery_code_valid"
	RecoveryCodeUnknown     Kind = "recovery_code_invalid"
	RecoveryLink            Kind = "recovery_valid"
	RecoveryLinkUnknown     Kind = "recovery_invalid"
	VerificationCode        Kind = "verification_code_valid"
	VerificationCodeUnknown Kind = "verification_code_invalid"
	VerificationLink        Kind = "verification_valid"
	VerificationLinkUnknown Kind = "verification_invalid"
	SignInCode              Kind = "login_code_valid"
	SignUpCode              Kind = "registration_code_valid"
	fieldRecoveryCode            = ".RecoveryCode"
	fieldRecoveryURL             = ".RecoveryURL"
	fieldVerificationCode        = ".VerificationCode"
	fieldVerificationURL         = ".VerificationURL"
	fieldSignInCode              = ".LoginCode"
	fieldSignUpCode              = ".RegistrationCode"
)

// Kinds returns all mails that Kratos sends.
func Kinds() []Kind {
	return []Kind{
		SignUpCode, SignInCode, VerificationCode, VerificationLink, RecoveryCode, RecoveryLink,
		VerificationCodeUnknown, VerificationLinkUnknown, RecoveryCodeUnknown, RecoveryLinkUnknown,
	}
}

// fields says which field of Kratos' model is the code and which the link; empty for none.
func (k Kind) fields() (code, link string) {
	switch k {
	case RecoveryCode:
		return fieldRecoveryCode, ""
	case RecoveryLink:
		return "", fieldRecoveryURL
	case VerificationCode:
		// The link fills the code in; a form confirms it. Mail scanners that follow links use up nothing.
		return fieldVerificationCode, fieldVerificationURL
	case VerificationLink:
		return "", fieldVerificationURL
	case SignInCode:
		return fieldSignInCode, ""
	case SignUpCode:
		return fieldSignUpCode, ""
	default:
		return "", ""
	}
}

// words says a mail of Kratos' in one language. Code and Link are left to its model.
func (m *Mails) words(p *locale.Printer, kind Kind) Letter {
	brand := m.brand.Name
	enter := p.Text("Enter this code on the page that is waiting for it:")
	secret := p.Text("Never pass the code on. Nobody of %s will ever ask you for it.", brand)
	switch kind {
	case RecoveryCode:
		return Letter{
			Subject: p.Text("%[1]s is your code to recover your account at %[2]s", codeMark, brand), Title: p.Text("Get back into your account"),
			Text: enter, Life: codeLife(p, m.codeLife), Note: secret,
			Ignore: p.Text("If you did not ask for it, you need not do anything: without the code nobody gets in."),
		}
	case RecoveryLink:
		return Letter{
			Subject: p.Text("Get back into your account at %s", brand), Title: p.Text("Get back into your account"),
			Text:   p.Text("With this link you get back in and choose a new password:"),
			Button: p.Text("Get back in"), Life: linkLife(p, m.linkLife),
			Ignore: p.Text("If you did not ask for it, you need not do anything: without the link nobody gets in."),
		}
	case VerificationCode:
		return Letter{
			Subject: p.Text("%[1]s is your code to verify your address at %[2]s", codeMark, brand), Title: p.Text("Verify your address"),
			Text: enter, Life: codeLife(p, m.codeLife), Button: p.Text("Fill in the code for me"), Note: secret,
			Ignore: p.Text("If you did not give this address to %s, you need not do anything.", brand),
		}
	case VerificationLink:
		return Letter{
			Subject: p.Text("Verify your address at %s", brand), Title: p.Text("Verify your address"),
			Text:   p.Text("With this link you confirm that the address is yours:"),
			Button: p.Text("Verify the address"), Life: linkLife(p, m.linkLife),
			Ignore: p.Text("If you did not give this address to %s, you need not do anything.", brand),
		}
	case SignInCode:
		return Letter{
			Subject: p.Text("%[1]s is your code to sign in to %[2]s", codeMark, brand), Title: p.Text("Sign in"),
			Text: enter, Life: codeLife(p, m.codeLife), Note: secret,
			Ignore: p.Text("If you are not signing in right now, somebody else has entered your address. Without the code nobody gets in."),
		}
	case SignUpCode:
		return Letter{
			Subject: p.Text("%[1]s is your code to sign up at %[2]s", codeMark, brand), Title: p.Text("Create your account"),
			Text: enter, Life: codeLife(p, m.codeLife), Note: secret,
			Ignore: p.Text("If you did not sign up, you need not do anything: without the code no account is made."),
		}
	case RecoveryCodeUnknown, RecoveryLinkUnknown:
		return Letter{
			Subject: p.Text("No account at %s has this address", brand), Title: p.Text("There is no account with this address"),
			Text:   p.Text("Somebody, perhaps you, asked to get back into an account at %s with this address. No account has it. Perhaps you signed up with another one.", brand),
			Button: p.Text("Try another address"), Link: m.pages + "/recovery",
			Ignore: p.Text("If it was not you, you need not do anything."),
		}
	case VerificationCodeUnknown, VerificationLinkUnknown:
		return Letter{
			Subject: p.Text("No account at %s has this address", brand), Title: p.Text("There is no account with this address"),
			Text:   p.Text("Somebody, perhaps you, wanted to verify this address at %s. No account has it. Perhaps you signed up with another one.", brand),
			Button: p.Text("Try another address"), Link: m.pages + "/verification",
			Ignore: p.Text("If it was not you, you need not do anything."),
		}
	}
	return Letter{}
}

func codeLife(p *locale.Printer, life time.Duration) string {
	if hours, whole := hours(life); whole {
		return p.Text("The code is good for %d hours and works once.", hours)
	}
	return p.Text("The code is good for %d minutes and works once.", int(life/time.Minute))
}

func linkLife(p *locale.Printer, life time.Duration) string {
	if hours, whole := hours(life); whole {
		return p.Text("The link is good for %d hours and works once.", hours)
	}
	return p.Text("The link is good for %d minutes and works once.", int(life/time.Minute))
}

func hours(life time.Duration) (int, bool) { return int(life / time.Hour), life%time.Hour == 0 }
