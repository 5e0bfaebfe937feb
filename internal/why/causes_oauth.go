package why

import "strings"

func oauth(words ...string) []string {
	for i := range words {
		words[i] = OAuth + words[i]
	}
	return words
}

func (s *Step) atToken() bool { return strings.HasSuffix(s.Path, "/oauth2/token") }

// oauthCauses are what is wrong with the request of an application (RFC 6749 sections 4.1.2.1 and 5.2).
func oauthCauses() []Cause {
	return []Cause{
		{
			Name: "redirect_uri_unknown",
			Seen: "400: a page “The application’s request is not valid”",
			Is: func(s *Step) bool {
				return s.has(oauth("invalid_request")...) && s.says("redirect_uri", "redirect url")
			},
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " wants its answer at an address (redirect_uri) that is not one of those it is registered with. They are compared letter by letter."
			},
			Cure: func(t *Tale, s *Step) string {
				return "`identityd client explain " + id(t, s) + " --redirect-uri URL`, with the address that the application sends, says how it differs from the registered ones " +
					"(http or https, the port, a slash at the end) and prints the command that adds it. Or mend the application."
			},
		},
		{
			Name: "unknown_client",
			Seen: "A page “The application’s request is not valid”, or JSON with `invalid_client`",
			Is: func(s *Step) bool {
				return s.has(oauth("invalid_client")...) && (s.says("does not exist", "unknown client", "not found") && !s.atToken())
			},
			Sentence: func(t *Tale, s *Step) string { return client(t, s) + " is not registered here." },
			Cure: func(t *Tale, s *Step) string {
				return "`identityd client list` shows those that are. Mend the client_id of the application, or register it: clients: in stack.yaml or `identityd client create`."
			},
		},
		{
			Name: "client_not_proved",
			Seen: "401, JSON with `invalid_client`",
			Is:   has(oauth("invalid_client")...),
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " could not prove itself: it is not registered here, its secret is wrong, or it sends the secret in another way than it is registered for" + quoted(s)
			},
			Cure: func(t *Tale, s *Step) string {
				return "`identityd client get " + id(t, s) + "` says whether it is there and its token_endpoint_auth_method (client_secret_basic: in a header, client_secret_post: in the form). " +
					"A secret cannot be read again: set a new one with `identityd client update " + id(t, s) + " --new-secret`, or in clients: of stack.yaml."
			},
		},
		{
			Name: "code_reused",
			Seen: "400, JSON with `invalid_grant`",
			Is: func(s *Step) bool {
				_, reused := s.event("GrantReused")
				return (reused || s.has(oauth("invalid_grant")...) && s.says("code has already been used")) && !s.refreshes()
			},
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " redeemed the same code twice. The second time everything that came of the first was revoked, since that is how a theft shows."
			},
			Cure: always("The application must redeem a code once: look for a page of it that is loaded twice (a retry, a double click, a prefetch). " +
				"If it did not: somebody else has its codes; see that its redirect addresses are https and its own."),
		},
		{
			Name: "refresh_reused",
			Seen: "400, JSON with `invalid_grant`",
			Is: func(s *Step) bool {
				_, reused := s.event("GrantReused")
				return reused
			},
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " used a refresh token that was used before. All tokens of that sign-in were revoked, since that is how a theft shows."
			},
			Cure: always("The application must keep the refresh token of the newest answer, and must not refresh in parallel. tokens.refresh_grace in stack.yaml forgives a retry. " +
				"If it did neither: the token was stolen; the person signs in again."),
		},
		{
			Name: "pkce_failed",
			Seen: "A redirect back or JSON with `invalid_request` or `invalid_grant`",
			Is: func(s *Step) bool {
				return s.has(oauth("invalid_grant", "invalid_request")...) && s.says("code_verifier", "code verifier", "code_challenge", "code challenge", "pkce")
			},
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " broke the proof of PKCE: it sent no code_challenge or code_verifier, or they do not belong together" + quoted(s)
			},
			Cure: always("The application keeps the code_verifier from before the redirect until it redeems the code (in the session of the same browser), and sends code_challenge_method=S256. " +
				"Public clients need PKCE always."),
		},
		{
			Name: "invalid_scope",
			Seen: "A redirect back to the application, or JSON, with `invalid_scope`",
			Is:   has(oauth("invalid_scope")...),
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " asked for a scope that it is not registered for" + quoted(s)
			},
			Cure: func(t *Tale, s *Step) string {
				return "`identityd client explain " + id(t, s) + " --scope SCOPE` prints the command that adds the scope to those it has; or take it out of the application's request."
			},
		},
		{
			Name: "state_missing",
			Seen: "A redirect back to the application with `invalid_state`, or a page",
			Is: func(s *Step) bool {
				return s.has(oauth("invalid_state")...) || s.says("'state'", "parameter \"state\"")
			},
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " sent no state, or one of fewer than eight letters" + quoted(s)
			},
			Cure: always("The application makes a long random state for each sign-in and compares it in the answer; its library does so when it is let."),
		},
		{
			Name: "nobody_signed_in",
			Seen: "A redirect back to the application with `login_required` or its like",
			Is:   has(oauth("login_required", "consent_required", "interaction_required")...),
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " asked without wanting a page to be shown (prompt=none), and nobody is signed in in this browser, or a question is open."
			},
			Cure: always("Nothing: the application now has to begin a sign-in with a page. If it happens right after signing in, the browser does not send our cookies from within a frame."),
		},
		{
			Name: "grant_not_allowed",
			Seen: "A redirect back or JSON with `unauthorized_client` or `unsupported_…`",
			Is:   has(oauth("unauthorized_client", "unsupported_grant_type", "unsupported_response_type", "unsupported_response_mode")...),
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " uses a way to get tokens that it is not registered for" + quoted(s)
			},
			Cure: func(t *Tale, s *Step) string {
				return "`identityd client get " + id(t, s) + "` shows grant_types and response_types; add the missing one, or mend the application."
			},
		},
		{
			Name: "grant_ended",
			Seen: "400, JSON with `invalid_grant`",
			Is:   has(oauth("invalid_grant", "token_inactive")...),
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " brought a code or a refresh token that is not good: it has expired, was revoked, was given to another application, or redirect_uri is another one than before" + quoted(s)
			},
			Cure: always("The person signs in again. Codes last ten minutes, refresh tokens as long as tokens.refresh; a sign-out and a revocation end both. " +
				"An application that always gets this sends another redirect_uri with the code than before."),
		},
		{
			Name: "token_ended",
			Seen: "401, JSON",
			Is: func(s *Step) bool {
				return s.has(oauth("token_signature_mismatch")...) || s.Status == 401 && (strings.HasSuffix(s.Path, "/userinfo") || s.has(oauth("invalid_token", "request_unauthorized")...))
			},
			Sentence: func(t *Tale, s *Step) string {
				return client(t, s) + " brought an access token that has ended or was revoked, or none."
			},
			Cure: always("The application gets a new one by its refresh token. tokens.access in stack.yaml says how long one lasts."),
		},
		{
			Name:  "application_request_refused",
			Seen:  "A redirect back to the application, a page or JSON, with an error of RFC 6749",
			Means: "The request of an application was refused for a reason that has no code of its own.",
			Is: func(s *Step) bool {
				for _, c := range s.Causes {
					if strings.HasPrefix(c, OAuth) {
						return true
					}
				}
				return false
			},
			Sentence: func(t *Tale, s *Step) string {
				return "The request of " + strings.ToLower(client(t, s)[:1]) + client(t, s)[1:] + " was refused (" + strings.Join(s.Causes, " ") + ")" + quoted(s)
			},
			Cure: always("What is quoted is meant for who runs the application: its request has to change."),
		},
	}
}

// refreshes reports whether the step tried a refresh token.
func (s *Step) refreshes() bool {
	if e, ok := s.event("OAuth2TokenExchangeError"); ok && e.Details["grant"] == "refresh_token" {
		return true
	}
	return s.says("refresh")
}
