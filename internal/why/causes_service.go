package why

import (
	"net/http"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// serviceCauses are what is wrong with us: whoever asked did nothing wrong.
func serviceCauses() []Cause {
	return []Cause{
		{
			Name:  "database_failed",
			Seen:  "503: a page “We cannot answer right now”, or JSON with `temporarily_unavailable`",
			Means: "The database failed in the middle of the request, so that nothing was decided.",
			Is:    func(s *Step) bool { return s.SQLFailure != "" && s.Status >= http.StatusInternalServerError },
			Sentence: func(_ *Tale, s *Step) string {
				return "The database failed in the middle of the request (" + s.SQLFailure + "), so that it was answered " + itoa(s.Status) + " and nothing was decided."
			},
			Cure: always("See that the database answers: `identityd doctor` tries it, and the log says since when it failed. Whoever asked can simply ask again."),
		},
		{
			Name:  "program_fault",
			Seen:  "500: a page “Something went wrong on our side”, or JSON",
			Means: "The request met a fault in the program. Other requests are not affected.",
			Is:    func(s *Step) bool { return s.has(Panicked) || s.noted("request panicked") },
			Sentence: func(_ *Tale, s *Step) string {
				return "The request met a fault in the program and was answered " + itoa(s.Status) + "."
			},
			Cure: always("Report it with the line `request panicked` of the log, which has its stack; other requests are not affected."),
		},
		{
			Name:     "hashes_busy",
			Seen:     "503 with Retry-After, as a page or JSON",
			Is:       func(s *Step) bool { return s.has(BusyHashes) },
			Sentence: always("Too many passwords were waiting to be hashed, so that this sign-in was put off with 503 instead of waiting longer."),
			Cure: always("One moment of many sign-ins ends by itself; if it lasts, look at identityd_hashes_waiting and give the process more cores, " +
				"or raise throttle.hashes. An attack shows in `identityd throttle list`."),
		},
		{
			Name: "not_ready",
			Seen: "503: a page “We will be right back” that asks again by itself, or JSON",
			Is: func(s *Step) bool {
				return s.Status == http.StatusServiceUnavailable && s.Part == "" && s.Logged && !strings.Contains(s.Path, "/health/")
			},
			Sentence: always("The process was not ready yet, or not any more: it was starting, waiting for its database, or about to stop."),
			Cure:     always("`identityd status` says what is missing. Send requests only to a process whose /health/ready answers 200."),
		},
		{
			Name:  "overloaded",
			Seen:  "503 with Retry-After, as a page or JSON",
			Means: "There were more requests than could be served, or this one missed its deadline.",
			Is:    func(s *Step) bool { return s.Status == http.StatusServiceUnavailable },
			Sentence: func(_ *Tale, s *Step) string {
				return "There were more requests than could be served (it waited " + itoa(int(s.Millis)) + " ms), or it missed its deadline, and was answered 503."
			},
			Cure: always("See whether the database is slow (`identityd doctor`) and whether database.pool.max_open is large enough; whoever asked can ask again."),
		},
		{
			Name:  "body_too_large",
			Seen:  "413: a page “That was too much at once”, or JSON",
			Means: "The body that was sent is larger than what is taken there (64 KiB on public addresses, 1 MiB on admin ones).",
			Is:    func(s *Step) bool { return s.Status == http.StatusRequestEntityTooLarge },
			Sentence: func(_ *Tale, s *Step) string {
				return "The body that was sent to " + s.Path + " is larger than what is taken there (64 KiB on public addresses, 1 MiB on admin ones)."
			},
			Cure: always("Send less: a form is small. Identities are imported by PATCH /admin/identities of Kratos' admin API, which takes 10 MiB."),
		},
		{
			Name:  "internal_error",
			Seen:  "500: a page “Something went wrong”, or JSON that says no more",
			Means: "Something failed on our side. `identityd why` quotes what, by the id of the request.",
			Is:    func(s *Step) bool { return s.Status >= http.StatusInternalServerError },
			Sentence: func(_ *Tale, s *Step) string {
				for _, n := range s.Notes {
					if n.Err != "" {
						return "Something failed on our side, and the request was answered " + itoa(s.Status) + ": " + n.Text + ": " + n.Err + "."
					}
				}
				return "Something failed on our side, and the request was answered " + itoa(s.Status) + quoted(s)
			},
			Cure: always("`identityd doctor` looks for what is wrong with the installation. If it finds nothing, report it with the lines of this request."),
		},
		{
			Name:     "went_away",
			Seen:     "Nothing: the answer was broken off",
			Is:       func(s *Step) bool { return s.Logged && s.Aborted },
			Sentence: always("The answer was broken off: the browser or the application went away, or the answer could not be finished."),
			Cure:     always("Nothing, if it is rare. Otherwise look for a proxy or an application whose timeout is shorter than 25 seconds."),
		},
	}
}

func (s *Step) noted(text string) bool {
	for _, n := range s.Notes {
		if n.Text == text {
			return true
		}
	}
	return false
}

// lastCauses are for what no other row fits.
func lastCauses() []Cause {
	return []Cause{
		{
			Name:  "nothing_there",
			Seen:  "404: a page “There is nothing here”, or JSON",
			Means: "There is nothing at this address on this listener, or not any more.",
			Is:    func(s *Step) bool { return s.Status == http.StatusNotFound },
			Sentence: func(_ *Tale, s *Step) string {
				return "There is nothing at " + s.Path + " on the listener " + firstOf(s.Listener, "-") + ", or not any more."
			},
			Cure: always("Compare the address with docs/production.md: public paths, admin paths and pages are on listeners of their own."),
		},
		{
			Name:  "request_refused",
			Seen:  "An answer of 400 and above that says what is wrong with the request",
			Means: "The request was refused for a reason that has no code of its own.",
			Is: func(s *Step) bool {
				return s.Status >= http.StatusBadRequest || len(s.Causes) > 0 && s.Status >= http.StatusMultipleChoices
			},
			Sentence: func(t *Tale, s *Step) string {
				what := "with " + itoa(s.Status)
				if len(s.Causes) > 0 {
					what = "(" + strings.Join(s.Causes, " ") + ")"
				}
				return "The request to " + s.Path + app(t, " for ") + " was refused " + what + quoted(s)
			},
			Cure: always("What the answer says is meant for whoever sent the request; with logging.level debug the engines say more in the log."),
		},
		{
			Name:  "failed_event",
			Seen:  "What the pages said at that time; only the audit trail is left of it",
			Means: "On record in the audit trail is something that failed or was refused; nothing else is known of it any more.",
			Is: func(s *Step) bool {
				for _, e := range s.Events {
					if e.Outcome == "failed" || e.Outcome == "refused" {
						return true
					}
				}
				return false
			},
			Sentence: func(t *Tale, s *Step) string {
				for _, e := range s.Events {
					if e.Outcome == "failed" || e.Outcome == "refused" {
						return who(t) + app(t, ", on the way to ") + ": on record is " + e.Kind + " (" + e.Outcome + ")" + by(e) + "."
					}
				}
				return ""
			},
			Cure: always("The trail does not say more. The log of that time does: `identityd why ID --log FILE`."),
		},
		{
			Name:  "mail_not_delivered",
			Seen:  "Nothing: the mail does not come",
			Means: "The request itself went well, but a mail that was written in that moment did not leave.",
			Is:    func(s *Step) bool { _, ok := s.undelivered(); return ok },
			Sentence: func(t *Tale, s *Step) string {
				m, _ := s.undelivered()
				tried := "was tried " + times(m.Attempts) + " and waits for another try"
				if m.Status == MailGivenUp {
					tried = "was tried " + times(m.Attempts) + " and given up"
				}
				return "The request itself went well" + app(t, ", on the way to ") + ", but a mail that was written in that moment (" + m.Template + ") did not leave: it " + tried + "."
			},
			Cure: always("`identityd mail test ADDRESS` shows what the mail server says. What waits is sent when it answers again; what was given up has to be asked for anew."),
		},
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return itoa(n) + " times"
}
