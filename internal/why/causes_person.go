package why

import (
	"net/http"
	"strings"
)

// codes are causes of Kratos'.
func codes(words ...string) []string {
	for i := range words {
		words[i] = Kratos + words[i]
	}
	return words
}

func has(causes ...string) func(*Step) bool {
	return func(s *Step) bool { return s.has(causes...) }
}

// personCauses are what keeps a person out, in the order of what says most. The numbers are those of Kratos'
// messages (kratos: text/id.go).
func personCauses() []Cause {
	return []Cause{
		{
			Name: "too_many_attempts",
			Seen: "429: a page that says when to try again, or JSON; Retry-After",
			Is: func(s *Step) bool {
				_, noted := s.event("LoginThrottled", "RequestThrottled")
				return noted || s.has(Throttled)
			},
			Sentence: func(t *Tale, s *Step) string {
				return who(t) + app(t, " on the way to ") + " was put off with 429: there were too many failed attempts by this account or from this address."
			},
			Cure: always("It ends by itself within throttle.longest_wait. `identityd throttle list` shows who has to wait; " +
				"`identityd throttle clear --account NAME` lets somebody in at once."),
		},
		{
			Name: "not_verified",
			Seen: "The page for verifying the address",
			Is:   has(append(codes("4000010", "session_verified_address_required"), ForwardAuth+"unverified")...),
			Sentence: func(t *Tale, _ *Step) string {
				return who(t) + app(t, " on the way to ") + " gave the right password, and was not let in because the address is not verified yet."
			},
			Cure: func(t *Tale, _ *Step) string {
				return "They enter the code of the mail, or ask for another one at /verification. If no mail came: `identityd mail test ADDRESS`. " +
					"identity.verification: optional lets people in without."
			},
		},
		{
			Name: "account_disabled",
			Seen: "401: a page “This account is disabled”, or JSON, for those who know the password",
			Is:   has(codes("identityd_account_disabled")...),
			Sentence: func(t *Tale, _ *Step) string {
				return who(t) + onTheWay(t) + " was not signed in: the account is disabled. The page says so to those who know its password."
			},
			Cure: func(t *Tale, _ *Step) string {
				return "`identityd identity get " + subject(t) + "` shows its state. Whoever disabled it is in the audit trail; `identityd identity enable " + subject(t) + "` lets the person in again."
			},
		},
		{
			Name:  "hook_refused",
			Seen:  "403: a page “We stopped this to be safe”, or a message in the form",
			Means: "Somebody was not let through: the receiver of a hook said no, or could not be asked.",
			Is:    has(Page + "hook_refused"),
			Sentence: func(t *Tale, _ *Step) string {
				return who(t) + onTheWay(t) + " was not let through: the receiver of a hook said no, or could not be asked."
			},
			Cure: always("Ask those who run the receiver; its answer is in its own log, under the request_id of the call. `identityd hooks list` says which are called, and on_failure what happens while one does not answer."),
		},
		{
			Name: "wrong_password",
			Seen: "A message in the form, the same for an account that there is not",
			Is: func(s *Step) bool {
				e, failed := s.event("LoginFailed")
				return s.has(codes("4000006")...) || failed && e.Details["method"] == "password"
			},
			Sentence: func(t *Tale, s *Step) string {
				for _, step := range t.Steps {
					if e, ok := step.event("LoginFailed"); ok && e.Subject != "" {
						return "The identity " + e.Subject + onTheWay(t) + " was not signed in: the password was wrong."
					}
				}
				way := app(t, ", on the way to ")
				if way != "" {
					way += ","
				}
				return "Somebody" + way + " was not signed in: the password was wrong, or no account has the name that was typed. " +
					"People are told the same in both cases."
			},
			Cure: func(t *Tale, _ *Step) string {
				if t.Subject() == "" {
					return "They may have signed up with another address: `identityd identity list` finds it. If they forgot the password, /recovery mails them a code."
				}
				return "They choose a new password by /recovery; without mail, `identityd identity recovery-link " + subject(t) + "` gives a link for them."
			},
		},
		{
			Name: "wrong_second_factor",
			Seen: "A message in the form",
			Is:   has(codes("4000008", "4000012", "4000016")...),
			Sentence: func(t *Tale, _ *Step) string {
				return who(t) + " gave the right first factor and a wrong second one: the code of the app was wrong or from another minute, or the recovery code was used before."
			},
			Cure: always("The clock of their phone has to be right (codes last 30 seconds). Who lost the second factor uses a recovery code, or asks for help on that page."),
		},
		{
			Name: "wrong_code",
			Seen: "A message in the form",
			Is:   has(codes("4010008", "4040003", "4060006", "4060004", "4070006", "4070001")...),
			Sentence: func(t *Tale, _ *Step) string {
				return who(t) + app(t, " on the way to ") + " typed a code of a mail that is wrong, used, or replaced by a newer one."
			},
			Cure: always("Only the code of the newest mail counts. They ask for another one on the same page."),
		},
		{
			Name:     "code_account_unknown",
			Seen:     "A message in the form",
			Is:       has(codes("4000035", "4010010", "4000037")...),
			Sentence: always("Somebody wanted a code for an address that no account has."),
			Cure:     always("They may have signed up with another address, or have to sign up first."),
		},
		{
			Name:     "account_exists",
			Seen:     "A message in the form, or a mail to the owner of the account",
			Is:       has(codes("4000007", "4000027", "4000028")...),
			Sentence: always("Somebody wanted to sign up, or to connect a provider, with an address that an account has already."),
			Cure:     always("They sign in with the way they used first, or recover the account, and connect the provider in their settings."),
		},
		{
			Name:     "password_refused",
			Seen:     "A message in the form that says why",
			Is:       has(codes("4000005", "4000031", "4000032", "4000033", "4000034")...),
			Sentence: always("The new password was refused: too short, too much like the address, or known from a breach."),
			Cure:     always("The page says which. login.first.password in stack.yaml has the rules."),
		},
		{
			Name: "cookie_missing",
			Seen: "403: a page “We stopped this to be safe” or “We could not match this to your browser”",
			Is: func(s *Step) bool {
				return s.has(append(codes("security_csrf_violation", "security_identity_mismatch"), OAuth+"request_forbidden", Page+"forbidden", Page+"no_cookies")...) ||
					s.Status == http.StatusForbidden && s.says("csrf", "cookie")
			},
			Sentence: func(t *Tale, _ *Step) string {
				return "A form" + app(t, " on the way to ") + " came without the cookie that its page had set in this browser: cookies are blocked, " +
					"the page was open in another browser, or the addresses in urls: share no cookie domain."
			},
			Cure: always("They allow cookies for this site and start again. If it happens to everybody: `identityd doctor` compares urls: and urls.cookie_domain, " +
				"and a proxy must pass Host and Cookie through."),
		},
		{
			Name: "page_expired",
			Seen: "410: a page “This page has expired”, with a way to begin again",
			Is: func(s *Step) bool {
				return s.has(append(codes("4010001", "4040001", "4050001", "4060005", "4070005", "self_service_flow_expired", "self_service_flow_replaced", "error_410", "error_404"),
					Page+"gone")...) || s.Status == http.StatusGone || s.has(OAuth+"request_unauthorized") && s.Status != http.StatusUnauthorized
			},
			Sentence: func(t *Tale, _ *Step) string {
				return "The page" + app(t, " on the way to ") + " was open for too long, was answered before, or its link was opened twice: its login challenge or form has expired."
			},
			Cure: always("They go back to the application and begin again. A bookmark of the login page leads here every time: bookmark the application."),
		},
		{
			Name:  "provider_failed",
			Seen:  "A page “That did not work”, or a message in the form",
			Means: "A sign-in with a provider came back without an account.",
			Is: func(s *Step) bool {
				return strings.Contains(s.Path, oidcPath) && (s.Status >= http.StatusBadRequest || len(s.Causes) > 0)
			},
			Sentence: func(_ *Tale, s *Step) string {
				return "The sign-in with the provider " + s.Path[strings.LastIndexByte(s.Path, '/')+1:] + " came back without an account" + quoted(s)
			},
			Cure: always("If it happens to everybody: the client id and secret under login.providers have to be those of the provider's console, and the console has to know " +
				"our callback address (urls.kratos and the path of this request). If to one person: they refused, or the provider gave no address."),
		},
		{
			Name:     "sign_up_closed",
			Seen:     "A page “This is not offered here”",
			Is:       has(codes("self_service_flow_disabled")...),
			Sentence: always("Somebody wanted what is switched off here, such as to sign up where registration.mode is closed."),
			Cure:     always("Make the account for them (`identityd identity create`), or set registration.mode: open."),
		},
		{
			Name:     "return_address",
			Seen:     "A page “We stopped this to be safe”",
			Is:       has(codes("self_service_flow_return_to_forbidden")...),
			Sentence: always("The link that began the flow leads on to an address that is not known here."),
			Cure:     always("Add the address to return_to in stack.yaml, or mend the link."),
		},
		{
			Name:     "second_factor_needed",
			Seen:     "403: a page “A second step is needed”, or JSON",
			Is:       has(append(codes("session_aal2_required"), Page+"aal_required", ForwardAuth+"second_step")...),
			Sentence: func(t *Tale, _ *Step) string { return who(t) + " is signed in by one factor, and two are needed here." },
			Cure:     always("They give the second factor at /login?aal=aal2. login.second.required in stack.yaml decides who needs one."),
		},
		{
			Name: "confirm_again",
			Seen: "A page “Confirm it is you”, or JSON with `session_refresh_required`",
			Is:   has(codes("session_refresh_required")...),
			Sentence: func(t *Tale, _ *Step) string {
				return who(t) + " wanted to change how they sign in, and the sign-in is too long ago for that."
			},
			Cure: always("They sign in once more, as the page asks. session.privileged in stack.yaml says how long a sign-in is enough."),
		},
		{
			Name: "session_ended",
			Seen: "401: a page “You are not signed in”, or JSON",
			Is: func(s *Step) bool {
				return s.has(append(codes("session_inactive", "session_aal1_required"), Page+"no_session")...) ||
					s.Status == http.StatusUnauthorized && strings.HasSuffix(s.Path, "/sessions/whoami")
			},
			Sentence: always("No session came with the request: it has ended, was ended by somebody, or this browser has none."),
			Cure:     always("They sign in again. session.lifespan in stack.yaml says how long a session lasts; a cookie of another domain is not sent (urls.cookie_domain)."),
		},
		{
			Name: "consent_refused",
			Seen: "A redirect back to the application with `access_denied`",
			Is: func(s *Step) bool {
				_, refused := s.event("ConsentRefused")
				return refused || s.has(OAuth+"access_denied")
			},
			Sentence: func(t *Tale, _ *Step) string {
				return who(t) + " did not let" + firstOf(app(t, " "), " the application") + " use the account: the question of consent was answered with no."
			},
			Cure: always("Nothing, if they meant it; the application asks again at the next sign-in. skip_consent: true of a client in the file asks nobody, for applications of your own."),
		},
		{
			Name:  "form_refused",
			Seen:  "A message in the form at what has to be mended",
			Means: "What was typed into a form was not accepted; the page said why.",
			Is: func(s *Step) bool {
				for _, c := range s.Causes {
					if strings.HasPrefix(c, Kratos+"40") {
						return true
					}
				}
				return false
			},
			Sentence: func(t *Tale, s *Step) string {
				return "What was typed into a form" + app(t, " on the way to ") + " was not accepted; the page said why (" + strings.Join(s.Causes, " ") + ")."
			},
			Cure: always("They mend what the page marks. The numbers are those of Kratos' messages."),
		},
	}
}
