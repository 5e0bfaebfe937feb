package why

import "strings"

// who names the person of a tale as far as that is known, in front of a verb.
func who(t *Tale) string {
	if id := t.Subject(); id != "" {
		return "The identity " + id
	}
	return "Somebody who is not known yet"
}

// app names the application of a tale: " to the application shop", or nothing.
func app(t *Tale, how string) string {
	if c := t.Client(); c != "" {
		return how + "the application " + c
	}
	return ""
}

// onTheWay puts the application of a tale between a person and what became of them.
func onTheWay(t *Tale) string {
	if to := app(t, ", on the way to "); to != "" {
		return to + ","
	}
	return ""
}

// client names the application as the one that acts.
func client(t *Tale, s *Step) string {
	if c := firstOf(s.Client, t.Client()); c != "" {
		return "The application " + c
	}
	return "An application"
}

// id is that of the application, for commands.
func id(t *Tale, s *Step) string { return firstOf(s.Client, t.Client(), "CLIENT") }

// subject is that of the identity, for commands.
func subject(t *Tale) string { return firstOf(t.Subject(), "ID") }

// quoted is what an engine says, as a quotation at the end of a sentence.
func quoted(s *Step) string {
	if r := strings.TrimSpace(s.Reason); r != "" {
		return ": “" + strings.TrimSuffix(r, ".") + "”."
	}
	return "."
}

// always is a text that needs nothing of the tale.
func always(text string) func(*Tale, *Step) string {
	return func(*Tale, *Step) string { return text }
}

// wentWell says how far a tale came that has no fault.
func wentWell(t *Tale, asked *Step) string {
	kinds := map[string]bool{}
	for _, s := range t.Steps {
		for _, e := range s.Events {
			kinds[e.Kind] = true
		}
	}
	for _, said := range [...][2]string{
		{"OAuth2AccessTokenIssued", " signed in" + app(t, " to ") + ", which got its tokens."},
		{"OAuth2ConsentAccepted", " signed in" + app(t, " to ") + ", which has its code and has not redeemed it in what is known here."},
		{"LoginSucceeded", " signed in" + app(t, " on the way to ") + "."},
		{"RegistrationSucceeded", " signed up" + app(t, " on the way to ") + "."},
		{"RecoverySucceeded", " came back in by mail."},
		{"VerificationSucceeded", " proved an address."},
	} {
		if kinds[said[0]] {
			return who(t) + said[1]
		}
	}
	if len(asked.Events) > 0 {
		e := asked.Events[0]
		return "The request went well; on record is " + e.Kind + " (" + e.Outcome + ")" + by(e) + "."
	}
	if asked.Path != "" {
		return "The request went well: " + asked.Method + " " + asked.Path + " was answered " + itoa(asked.Status) + app(t, ", for ") + "."
	}
	return "The request went well, by all that is known of it."
}

func by(e Event) string {
	if e.By == "" {
		return ""
	}
	return " by " + e.By
}
