package uitest

import "example.com/identityd/internal/identity"

func signIn() []identity.Node {
	return []identity.Node{identifier(""), password("current-password"), submit("password", "password", 1010022, "Sign in with password")}
}

func signInStates() []State {
	const route, target = "GET /login", "/login?flow=f"
	methods := append(providers("Sign in with"), signIn()...)
	methods = append(methods, submit("code", "code", 1010015, "Send sign in code"))
	failed := append([]identity.Node{identifier("anna@example.com")}, signIn()[1:]...)
	missing := append([]identity.Node{
		wrong(identifier(""), 4000002, "Property identifier is missing."),
		wrong(password("current-password"), 4000002, "Property password is missing."),
	}, signIn()[2:]...)
	code := []identity.Node{
		input("default", "identifier", "hidden", "anna@example.com", 0, ""),
		need(input("code", "code", "text", "", 1070013, "Login code")),
		submit("code", "code", 1070009, "Continue"),
		input("code", "resend", "submit", "code", 1070008, "Resend code"),
	}
	first := []identity.Node{identifier(""), submit("identifier_first", "identifier_first", 1010022, "Sign in with password")}
	return []State{
		{Name: "login", Route: route, Target: target, World: strangers(flow(signIn()...))},
		{Name: "login-app", Route: route, Target: target, World: strangers(forApp(flow(methods...)))},
		{Name: "login-wrong", Route: route, Target: target, World: strangers(saying(flow(failed...), message(4000006, "error", "The provided credentials are invalid.")))},
		{Name: "login-missing", Route: route, Target: target, World: strangers(flow(missing...))},
		{Name: "login-first", Route: route, Target: target, World: strangers(flow(first...))},
		{Name: "login-code", Route: route, Target: target, World: strangers(saying(sent(flow(code...)), message(1010014, "info", "A code was sent.")))},
		{Name: "login-unverified", Route: route, Target: target, World: strangers(saying(flow(failed...), message(4000010, "error", "Account not active yet.")))},
		{Name: "login-cookies", Route: route, Target: "/login?restart=1", Status: 400, World: strangers(nil)},
	}
}

func secondFactorStates() []State {
	const route, target = "GET /login", "/login?flow=f"
	second := func(f *identity.Flow) *identity.Flow {
		f.RequestedAAL = "aal2"
		return saying(f, message(1010004, "info", "Please complete the second authentication challenge."))
	}
	again := func(f *identity.Flow) *identity.Flow {
		f.Refresh = true
		return saying(f, message(1010003, "info", "Please confirm this action by verifying that it is you."))
	}
	totp := []identity.Node{
		need(input("totp", "totp_code", "text", "", 1010006, "Authentication code")),
		submit("totp", "totp", 1010009, "Use Authenticator"),
	}
	all := append([]identity.Node{input("default", "identifier", "hidden", "anna@example.com", 0, "")}, totp...)
	all = append(all,
		need(input("lookup_secret", "lookup_secret", "text", "", 1010007, "Backup recovery code")),
		submit("lookup_secret", "lookup_secret", 1010010, "Use backup recovery code"))
	refresh := []identity.Node{
		input("default", "identifier", "hidden", "anna@example.com", 0, ""), password("current-password"),
		submit("password", "password", 1010022, "Sign in with password"),
	}
	return []State{
		{Name: "second-totp", Route: route, Target: target, World: of(second(forApp(flow(totp...))))},
		{Name: "second-all", Route: route, Target: target, World: of(second(flow(all...)))},
		{Name: "refresh-app", Route: route, Target: target, World: of(again(forApp(flow(refresh...))))},
		{Name: "refresh", Route: route, Target: target, World: of(again(flow(refresh...)))},
	}
}
