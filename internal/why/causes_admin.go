package why

// adminCauses are what keeps somebody out of the admin APIs.
func adminCauses() []Cause {
	turned := func(answer string) func(*Step) bool {
		return func(s *Step) bool {
			e, ok := s.event("AdminRefused")
			return ok && e.Details["answer"] == answer || s.has(Admin+answer)
		}
	}
	return []Cause{
		{
			Name:  "admin_token_missing",
			Seen:  "401 with WWW-Authenticate, JSON",
			Means: "A request to the admin API brought no token, or one that is not in the file of admin.token_file or has ended.",
			Is:    turned("401"),
			Sentence: func(_ *Tale, s *Step) string {
				return "A request to the admin API (" + s.Method + " " + s.Path + ") brought no token, or one that is not in the file of admin.token_file or has ended."
			},
			Cure: always("Send Authorization: Bearer TOKEN with a token whose line is in that file; `identityd admin token NAME --scope SCOPES` makes both. " +
				"Commands on the same machine need none."),
		},
		{
			Name:     "admin_host_unknown",
			Seen:     "421, JSON",
			Is:       turned("421"),
			Sentence: always("A request to the admin API asked for a host name that is not served there."),
			Cure:     always("Ask by a loopback address, or add the name to admin.hosts."),
		},
		{
			Name:     "admin_body_type",
			Seen:     "415, JSON",
			Is:       turned("415"),
			Sentence: always("A request to the admin API had a body that is not of the type that it takes."),
			Cure:     always("Send Content-Type: application/json (a form to introspection)."),
		},
		{
			Name:  "admin_scope_missing",
			Seen:  "403, JSON that names the scope",
			Means: "The token may not do this at the admin API: its scopes do not include it.",
			Is: func(s *Step) bool {
				e, ok := s.event("AdminRefused")
				return ok && e.Details["answer"] == "403" && e.By != "" && e.By != "unknown" || s.has(Admin+"scope")
			},
			Sentence: func(_ *Tale, s *Step) string {
				e, _ := s.event("AdminRefused")
				return "The token " + e.By + " may not do this at the admin API: its scopes do not include " + s.Method + " " + s.Path + "."
			},
			Cure: always("Give it the scope in its line of admin.token_file (read, clients, identities or all), or use another token."),
		},
		{
			Name:     "admin_from_page",
			Seen:     "403, JSON",
			Is:       turned("403"),
			Sentence: always("A web page in a browser sent a request to the admin API, which takes none of those: any page that somebody visits could."),
			Cure:     always("Call the admin API from a server or a command, not from a script in a page; see `admin` in docs/security.md."),
		},
		{
			Name:  "admin_failed",
			Seen:  "The answer of the engine, JSON",
			Means: "A change by the admin API was let in, and refused by the engine.",
			Is: func(s *Step) bool {
				e, ok := s.event("AdminChange")
				return ok && e.Outcome == "intended" && s.Status >= 400 || ok && e.Outcome == "failed"
			},
			Sentence: func(_ *Tale, s *Step) string {
				e, _ := s.event("AdminChange")
				return "A change by the admin API (" + s.Method + " " + s.Path + ")" + by(e) + " was let in, and refused by the engine" + quoted(s)
			},
			Cure: always("The answer says what is wrong with the request: its body has to fit the engine's API."),
		},
	}
}
