package ui

import (
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// The states of a flow that change what its page says (Kratos: selfservice/flow/state.go).
const (
	stateSent   = "sent_email"
	statePassed = "passed_challenge"
)

func title(p *locale.Printer, kind identity.FlowKind, f *identity.Flow) string {
	switch {
	case kind == identity.Settings:
		return p.Text("Settings")
	case kind == identity.Recovery && f.State == statePassed:
		return p.Text("You are back in")
	case kind == identity.Verification && f.State == statePassed:
		return p.Text("Your address is verified")
	case f.State == stateSent:
		return p.Text("Check your mail")
	case kind == identity.Recovery:
		return p.Text("Forgot your password?")
	case kind == identity.Verification:
		return p.Text("Verify your address")
	case kind == identity.Registration:
		return p.Text("Create your account")
	case kind == identity.Login && hasMessage(f, messageLink):
		return p.Text("You already have an account")
	case isSecondFactor(f):
		return p.Text("One more step")
	case f.Refresh:
		return p.Text("Confirm it is you")
	default:
		return p.Text("Sign in")
	}
}

// lead says what to do, where the heading and the fields alone do not.
func lead(p *locale.Printer, kind identity.FlowKind, f *identity.Flow) string {
	switch {
	case kind == identity.Recovery && f.State == statePassed:
		return p.Text("Your account is recovered.")
	case f.State == stateSent && hasField(f, "code"):
		if to := sentTo(f); to != "" {
			return p.Text("Enter the code that we sent to %s.", to)
		}
		return p.Text("Enter the code from the mail that we sent.")
	case f.State == stateSent && (kind == identity.Recovery || kind == identity.Verification):
		return p.Text("Open the link in the mail that we sent. This page can be closed.")
	case f.State == stateSent:
		return ""
	case kind == identity.Recovery:
		return p.Text("Enter the address of your account, and we will help you back in.")
	case kind == identity.Verification && f.State != statePassed:
		return p.Text("Enter your address, and we will send a mail to prove that it is yours.")
	default:
		return ""
	}
}

// sentTo returns the address that a code went to, which Kratos keeps in the button that sends it
// again.
func sentTo(f *identity.Flow) string {
	for _, node := range f.UI.Nodes {
		if sendsAgain(node) {
			return plain(valueText(node.Attributes.Value), maxName)
		}
	}
	return ""
}

func hasField(f *identity.Flow, name string) bool {
	for _, node := range f.UI.Nodes {
		if attr := node.Attributes; attr.Name == name && attr.Type != "hidden" &&
			attr.Type != "submit" {
			return true
		}
	}
	return false
}
