package uitest

import "example.com/identityd/internal/identity"

func askAddress(label string) []identity.Node {
	return []identity.Node{
		need(input("code", "email", "email", "", 1070007, label)),
		submit("code", "code", 1070005, "Submit"),
	}
}

func enterCode(label string) []identity.Node {
	return []identity.Node{
		need(input("code", "code", "text", "", 1070011, label)),
		input("code", "method", "hidden", "code", 0, ""),
		submit("code", "code", 1070005, "Submit"),
		input("code", "email", "submit", "anna@example.com", 1070008, "Resend code"),
	}
}

// mailStates are the flows that go by mail, and the development inbox.
func mailStates() []State {
	const recovery, verification = "GET /recovery", "GET /verification"
	wrongCode := enterCode("Recovery code")
	wrongCode[0] = wrong(wrongCode[0], 4060006, "The recovery code is invalid or has already been used. Please try again.")
	onward := identity.Node{Type: "a", Group: "code", Attributes: identity.Attributes{
		NodeType: "a", ID: "continue", Href: "https://notes.example/",
		Title: &identity.Message{ID: 1070009, Text: "Continue"},
	}}
	both := func(w *World) { w.Mails = letters() }
	return []State{
		{Name: "recovery", Route: recovery, Target: "/recovery?flow=f", World: strangers(flow(askAddress("Email")...))},
		{Name: "recovery-code", Route: recovery, Target: "/recovery?flow=f", World: strangers(saying(sent(flow(enterCode("Recovery code")...)), message(1060003, "info", "An email was sent.")))},
		{Name: "recovery-wrong", Route: recovery, Target: "/recovery?flow=f", World: strangers(sent(flow(wrongCode...)))},
		{Name: "recovery-link", Route: recovery, Target: "/recovery?flow=f", World: strangers(saying(sent(flow()), message(1060002, "info", "An email was sent.")))},
		{Name: "verification", Route: verification, Target: "/verification?flow=f", World: strangers(flow(askAddress("Email")...))},
		{Name: "verification-code", Route: verification, Target: "/verification?flow=f&code=481516", World: strangers(saying(sent(flow(enterCode("Verification code")...)), message(1080003, "info", "An email was sent.")))},
		{Name: "verification-done", Route: verification, Target: "/verification?flow=f", World: strangers(saying(passed(flow(onward)), message(1080002, "success", "You successfully verified your email address.")))},
		{Name: "inbox", Route: "GET /account/inbox", Target: "/account/inbox", World: both},
		{Name: "inbox-empty", Route: "GET /account/inbox", Target: "/account/inbox"},
		{Name: "mail", Route: "GET /account/inbox/{id}", Target: "/account/inbox/m2", World: both},
		{Name: "previews", Route: "GET /account/inbox-previews", Target: "/account/inbox-previews"},
		{Name: "preview", Route: "GET /account/inbox-previews/{kind}/{lang}", Target: "/account/inbox-previews/verification_code_valid/en"},
		{Name: "preview-gone", Route: "GET /account/inbox-previews/{kind}/{lang}", Target: "/account/inbox-previews/none/en", Status: 404},
		{Name: "mail-gone", Route: "GET /account/inbox/{id}", Target: "/account/inbox/gone", Status: 404},
	}
}
