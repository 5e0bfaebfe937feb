package doctor_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/doctor"
)

func check(area, name string, words []string, needs doctor.Needs, found ...doctor.Finding) doctor.Check {
	return doctor.Check{
		Area: area, Name: name, Tells: "all is well", Words: words, Needs: needs,
		Run: func(context.Context, *doctor.Subject) []doctor.Finding { return found },
	}
}

func TestExamine(t *testing.T) {
	t.Run("rows come by area, in the order of the checks", func(t *testing.T) {
		r := doctor.Examine(t.Context(), &doctor.Subject{}, []doctor.Check{
			check(doctor.Machine, "b", nil, 0), check(doctor.Configuration, "z", nil, 0),
			check(doctor.Machine, "a", nil, 0, doctor.Warningf("x"), doctor.Faultf("y").Cured("do it")),
		}, doctor.Options{})
		want := doctor.Result{Checks: []doctor.Row{
			{Area: "configuration", Check: "z", Level: "ok", Text: "all is well"},
			{Area: "machine", Check: "b", Level: "ok", Text: "all is well"},
			{Area: "machine", Check: "a", Level: "warning", Text: "x"},
			{Area: "machine", Check: "a", Level: "fault", Text: "y", Cure: "do it"},
		}}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
	t.Run("a check that hangs and does not listen is left behind", func(t *testing.T) {
		never := make(chan struct{})
		t.Cleanup(func() { close(never) })
		hangs := check(doctor.Mail, "dial", []string{"mail.smtp_url"}, 0)
		hangs.Run = func(context.Context, *doctor.Subject) []doctor.Finding { <-never; return nil }
		wordless := check(doctor.Mail, "wordless", nil, 0)
		wordless.Run = hangs.Run
		r := doctor.Examine(t.Context(), &doctor.Subject{}, []doctor.Check{hangs, wordless}, doctor.Options{Deadline: time.Millisecond})
		want := []doctor.Row{{
			Area: "mail", Check: "dial", Level: "warning", Text: "dial was not answered within 1ms",
			Cure: "look at what it asks (mail.smtp_url), then run identityd doctor again",
		}, {
			Area: "mail", Check: "wordless", Level: "warning", Text: "wordless was not answered within 1ms",
			Cure: "give it longer: identityd doctor --timeout 1m",
		}}
		if diff := cmp.Diff(want, r.Checks); diff != "" || !r.OK {
			t.Errorf("ok %v (-want +got)\n%s", r.OK, diff)
		}
	})
	t.Run("a check that breaks off is a finding", func(t *testing.T) {
		breaks := check(doctor.Mail, "dial", nil, 0)
		breaks.Run = func(context.Context, *doctor.Subject) []doctor.Finding { panic("oops") }
		r := doctor.Examine(t.Context(), &doctor.Subject{}, []doctor.Check{breaks}, doctor.Options{})
		if got := r.Checks[0]; got.Level != doctor.Warning || got.Text != "mail/dial broke off: oops" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a check is left out where the configuration is wrong about its words", func(t *testing.T) {
		s := &doctor.Subject{Problems: []config.Problem{
			{Path: "mail.smtp_url", Message: "is wrong"}, {Path: "tls.key_file", Message: "is open", Exposed: "key"},
		}}
		r := doctor.Examine(t.Context(), s, []doctor.Check{
			check(doctor.Mail, "a", []string{"mail"}, 0), check(doctor.Mail, "b", []string{"mail.smtp_url"}, 0),
			check(doctor.Mail, "c", []string{"mail.smtp"}, 0), check(doctor.Mail, "d", []string{"mail.from", "tls"}, 0),
		}, doctor.Options{})
		want := []doctor.Level{doctor.Skipped, doctor.Skipped, doctor.OK, doctor.OK}
		if diff := cmp.Diff(want, levels(r)); diff != "" || r.Checks[0].Text != "mail.smtp_url is wrong" {
			t.Errorf("%q (-want +got)\n%s", r.Checks[0].Text, diff)
		}
	})
	t.Run("a file that cannot be read leaves out all that rely on it", func(t *testing.T) {
		s := &doctor.Subject{Problems: []config.Problem{{Message: "reading x"}}}
		r := doctor.Examine(t.Context(), s, []doctor.Check{
			check(doctor.Mail, "a", []string{"mail"}, 0), check(doctor.Machine, "b", nil, 0),
		}, doctor.Options{})
		if diff := cmp.Diff([]doctor.Level{doctor.Skipped, doctor.OK}, levels(r)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
	t.Run("the network is left alone offline and behind an air gap, a process only asked where there is one", func(t *testing.T) {
		checks := []doctor.Check{check(doctor.Mail, "a", nil, doctor.NeedsNetwork), check(doctor.Mail, "b", nil, doctor.NeedsProcess)}
		gap := &doctor.Subject{Process: &doctor.Process{}}
		gap.Config.Outbound.None = true
		for name, tt := range map[string]struct {
			s    *doctor.Subject
			o    doctor.Options
			want []string
		}{
			"offline": {&doctor.Subject{}, doctor.Options{Offline: true}, []string{"--offline", "no identityd runs from data_dir"}},
			"air gap": {gap, doctor.Options{}, []string{"outbound.none", "all is well"}},
			"open":    {&doctor.Subject{}, doctor.Options{}, []string{"all is well", "no identityd runs from data_dir"}},
		} {
			r := doctor.Examine(t.Context(), tt.s, checks, tt.o)
			if diff := cmp.Diff(tt.want, []string{r.Checks[0].Text, r.Checks[1].Text}); diff != "" {
				t.Errorf("%s (-want +got)\n%s", name, diff)
			}
		}
	})
	t.Run("only --fix fixes, and what was fixed is no fault any more", func(t *testing.T) {
		did := 0
		mode := check(doctor.Secrets, "mode", nil, 0, doctor.Faultf("open").Fixed("chmod 600 x", func() error { did++; return nil }))
		stuck := check(doctor.Secrets, "stuck", nil, 0, doctor.Faultf("open").Fixed("chmod 600 y", func() error { return errors.New("not yours") }))
		if r := doctor.Examine(t.Context(), &doctor.Subject{}, []doctor.Check{mode}, doctor.Options{}); did != 0 || r.OK || r.Checks[0].Fix != "chmod 600 x" {
			t.Errorf("without --fix: %d fixes, %+v", did, r)
		}
		r := doctor.Examine(t.Context(), &doctor.Subject{}, []doctor.Check{mode, stuck}, doctor.Options{Fix: true})
		want := []doctor.Row{
			{Area: "secrets", Check: "mode", Level: "fault", Text: "open", Cure: "run chmod 600 x", Fix: "chmod 600 x", Fixed: true},
			{Area: "secrets", Check: "stuck", Level: "fault", Text: "open (chmod 600 y failed: not yours)", Cure: "run chmod 600 y", Fix: "chmod 600 y"},
		}
		if diff := cmp.Diff(want, r.Checks); diff != "" || did != 1 || r.OK || r.Count(doctor.Fault) != 1 {
			t.Errorf("%d fixes, ok %v, %d faults (-want +got)\n%s", did, r.OK, r.Count(doctor.Fault), diff)
		}
	})
}

func levels(r doctor.Result) []doctor.Level {
	var out []doctor.Level
	for _, row := range r.Checks {
		out = append(out, row.Level)
	}
	return out
}

func TestAll(t *testing.T) {
	seen := map[string]bool{}
	areas := map[string]bool{}
	for _, a := range doctor.Areas() {
		areas[a] = true
	}
	for _, c := range doctor.All() {
		name := c.Area + "/" + c.Name
		if seen[name] || !areas[c.Area] || c.Tells == "" || c.Run == nil {
			t.Errorf("%s is there twice, in no area, or says nothing", name)
		}
		seen[name] = true
	}
}
