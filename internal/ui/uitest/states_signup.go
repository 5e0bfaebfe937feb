package uitest

import "example.com/identityd/internal/identity"

func traits(group, email, name string) []identity.Node {
	return []identity.Node{
		need(complete(input(group, "traits.email", "email", email, 1070002, "Email"), "email")),
		input(group, "traits.name", "text", name, 1070002, "Name"),
	}
}

func signUpStates() []State {
	const route, target = "GET /registration", "/registration?flow=f"
	one := append(traits("password", "", ""), password("new-password"), submit("password", "password", 1040001, "Sign up"))
	social := append(providers("Sign up with"), one...)
	news := input("password", "traits.newsletter", "checkbox", true, 1070002, "Send me news")
	faults := []identity.Node{
		wrong(traits("password", "anna@", "")[0], 4000001, `"anna@" is not valid "email"`), news,
		wrong(password("new-password"), 4000032, "The password must be at least 8 characters long, but got 3."),
		submit("password", "password", 1040001, "Sign up"),
	}
	faults[2].Messages[0].Context = map[string]any{"min_length": 8, "actual_length": 3}
	profile := append(traits("profile", "", ""), submit("profile", "profile", 1040001, "Sign up"))
	credentials := append(traits("default", "anna@example.com", "Anna Larsen"),
		password("new-password"), submit("password", "password", 1040001, "Sign up"),
		input("profile", "screen", "submit", "previous", 1040008, "Back"))
	for i := range 2 {
		credentials[i].Attributes.Type = "hidden"
	}
	code := []identity.Node{
		input("code", "traits.email", "hidden", "anna@example.com", 0, ""),
		need(input("code", "code", "text", "", 1070012, "Registration code")),
		submit("code", "code", 1070009, "Continue"),
		input("code", "resend", "submit", "code", 1070008, "Resend code"),
	}
	return []State{
		{Name: "signup", Route: route, Target: target, World: strangers(flow(one...))},
		{Name: "signup-social", Route: route, Target: target, World: strangers(forApp(flow(social...)))},
		{Name: "signup-wrong", Route: route, Target: target, World: strangers(flow(faults...))},
		{Name: "signup-profile", Route: route, Target: target, World: strangers(flow(profile...))},
		{Name: "signup-credentials", Route: route, Target: target, World: strangers(saying(flow(credentials...), message(1040009, "info", "Please choose a credential to authenticate yourself with.")))},
		{Name: "signup-code", Route: route, Target: target, World: strangers(saying(sent(flow(code...)), message(1040005, "info", "A code was sent.")))},
		{Name: "signup-exists", Route: route, Target: target, World: strangers(saying(flow(one...), message(4000007, "error", "An account with the same identifier exists already.")))},
	}
}
