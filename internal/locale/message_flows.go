package locale

func (p *Printer) loginMessage(id int64, c values) string {
	switch id {
	case 1010001:
		return p.Text("Sign in")
	case 1010002:
		return p.Text("Sign in with %s", c.text("provider"))
	case 1010003:
		return p.Text("Please sign in again to confirm that it is you.")
	case 1010004:
		return p.Text("To protect your account, please confirm with one more method.")
	case 1010005:
		return p.Text("Confirm")
	case 1010006:
		return p.Text("Code from your authenticator app")
	case 1010007:
		return p.Text("Recovery code")
	case 1010008, 1010011:
		return p.Text("Sign in with a security key")
	case 1010009:
		return p.Text("Use the authenticator app")
	case 1010010:
		return p.Text("Use a recovery code")
	case 1010012:
		return p.Text("Have your security key or your device ready, then continue.")
	case 1010013:
		return p.Text("Continue")
	case 1010014:
		return p.mailIfKnown()
	case 1010015:
		return p.Text("Send a sign-in code")
	case 1010016:
		return p.Text("%[1]s belongs to an account already. Sign in to it in one of the ways below, and "+
			"%[2]s is added as another way to sign in.", c.text("duplicate_identifier"), c.text("provider"))
	case 1010017:
		return p.Text("Sign in and connect")
	case 1010018:
		return p.Text("Confirm with %s", c.text("provider"))
	case 1010019:
		return p.Text("Send me a code")
	case 1010021:
		return p.Text("Sign in with a passkey")
	case 1010022:
		return p.Text("Sign in with a password")
	case 1010023:
		return p.Text("Send a code to %s", c.text("address"))
	}
	return ""
}

func (p *Printer) registrationMessage(id int64, c values) string {
	switch id {
	case 1040001:
		return p.Text("Sign up")
	case 1040002:
		return p.Text("Sign up with %s", c.text("provider"))
	case 1040003:
		return p.Text("Continue")
	case 1040004:
		return p.Text("Sign up with a security key")
	case 1040005:
		return p.codeSent()
	case 1040006:
		return p.Text("Send a sign-up code")
	case 1040007:
		return p.Text("Sign up with a passkey")
	case 1040008:
		return p.Text("Back")
	case 1040009:
		return p.Text("Now choose how you will sign in.")
	}
	return ""
}

func (p *Printer) codeSent() string {
	return p.Text("We sent a code to your address. If it does not arrive, check the spelling and the spam folder.")
}

// mailIfKnown is said to everybody, known or not.
func (p *Printer) mailIfKnown() string {
	return p.Text("If the address belongs to an account, a mail is on its way. It can take a minute. " +
		"If none arrives, check the spelling and the spam folder.")
}

// mailMessage is of recovery and verification.
func (p *Printer) mailMessage(id int64) string {
	switch id {
	case 1060001:
		return p.Text("You are back in. Choose a new password now, or you will have to do this again.")
	case 1060002, 1060003:
		return p.mailIfKnown()
	case 1080001, 1080003:
		return p.Text("A mail is on its way to you. It can take a minute. If none arrives, check the " +
			"spelling of the address and the spam folder.")
	case 1080002:
		return p.Text("Your address is verified.")
	}
	return ""
}

func (p *Printer) labelMessage(id int64, c values) string {
	switch id {
	case 1070001:
		return p.Text("Password")
	case 1070002:
		return p.title(c.text("title"))
	case 1070003:
		return p.Text("Save")
	case 1070004:
		return p.Text("Email or username")
	case 1070005, 1070009:
		return p.Text("Continue")
	case 1070006:
		return p.Text("Check the code")
	case 1070007:
		return p.Text("Email")
	case 1070008:
		return p.Text("Send a new code")
	case 1070010, 1070011, 1070012, 1070013:
		return p.Text("Code")
	case 1070014:
		return p.Text("Sign in and connect")
	case 1070015:
		return p.Text("Please complete the check to continue.")
	}
	return ""
}
