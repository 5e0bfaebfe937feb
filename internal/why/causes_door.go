package why

// The words in front of what is refused at a door of its own, and what stands behind them.
const (
	// ForwardAuth is in front of the words of internal/forwardauth.
	ForwardAuth = "forward-auth:"
	// Registering is in front of why an application could not register itself.
	Registering = "registering:"
	// Preflight is a question of a browser, for a page of another origin, that was answered with no.
	Preflight = "cors:preflight"
)

// doorCauses are what is refused in front of an application, of a registration, and of pages of other origins.
func doorCauses() []Cause {
	return []Cause{
		{
			Name:     "proxy_not_trusted",
			Seen:     "403 to the proxy, which shows it or a page of its own",
			Is:       has(ForwardAuth + "untrusted"),
			Sentence: always("Forward-auth was asked by a machine that `proxy.trusted` does not name, or by a proxy that did not say of which address."),
			Cure: always("Add the address of the proxy to proxy.trusted, and let it send X-Forwarded-Host and X-Forwarded-Uri or X-Original-URL; " +
				"deploy/forward-auth has the configuration of each proxy."),
		},
		{
			Name: "no_protect_rule",
			Seen: "403 to the proxy, which shows it or a page of its own",
			Is:   has(ForwardAuth + "no_rule"),
			Sentence: func(_ *Tale, s *Step) string {
				return "Forward-auth was asked for a host or a path that no rule of `protect` has, and what has no rule is let through to nobody" + quoted(s)
			},
			Cure: always("Add a rule for the host and the path below `protect` in stack.yaml, and `identityd reload`."),
		},
		{
			Name: "not_in_group",
			Seen: "403: a page “This page is not for this account”, or JSON with `forbidden`",
			Is:   has(ForwardAuth + "not_in_group"),
			Sentence: func(_ *Tale, s *Step) string {
				return "Somebody who is signed in is in none of the groups that the rule of `protect` lets in" + quoted(s)
			},
			Cure: always("The page names their account: `identityd identity set-groups ADDRESS --add GROUP` puts it into the group. " +
				"Or the rule lets in another group as well; or they use another account."),
		},
		{
			Name:     "registration_limited",
			Seen:     "429 with Retry-After, JSON with `temporarily_unavailable`",
			Is:       has(Registering + "limit"),
			Sentence: always("An application was not registered: too many registered themselves from this network within the hour, or from everywhere within the minute."),
			Cure:     always("It ends by itself. dynamic_registration.per_hour says how many may come from one network; `identityd client create` has no such limit."),
		},
		{
			Name:     "registration_address",
			Seen:     "400, JSON with `invalid_redirect_uri`",
			Is:       has(Registering + "address"),
			Sentence: always("An application was not registered: it wants its answers at an address whose host or scheme may not be registered here, or at none."),
			Cure:     always("Add its host to dynamic_registration.hosts or its scheme to dynamic_registration.schemes, or register it with `identityd client create`."),
		},
		{
			Name:     "registration_refused",
			Seen:     "400, JSON with `invalid_client_metadata`",
			Is:       has(Registering + "metadata"),
			Sentence: always("An application was not registered: it asks for what one that registers itself cannot have. The answer names the field."),
			Cure:     always("The application leaves the field out, or an operator registers it with `identityd client create`."),
		},
		{
			Name:     "origin_not_allowed",
			Seen:     "Nothing but the message of CORS in the console of the browser",
			Is:       has(Preflight),
			Sentence: always("A browser asked whether a page of another origin may send a request here, and was told no: nobody named the origin, or a header or method is not allowed."),
			Cure: always("Write the origin into `clients[].origins` of the file, or let `identityd client explain CLIENT --origin ORIGIN` print the command that adds it to the client. " +
				"The line `a page of another origin was refused` of the log has the origin."),
		},
	}
}
