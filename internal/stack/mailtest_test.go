package stack

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/inbox/smtptest"
)

// mailing is a configuration that sends by a mail server.
func mailing(t *testing.T, address string, change func(*config.Config)) config.Config {
	t.Helper()
	cfg, err := config.Load(config.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Mail = config.Mail{SMTPURL: config.NewSMTPURL(address), From: "no-reply@localhost", ReplyTo: "help@localhost"}
	cfg.UI.Brand.Name = "Northwind"
	if change != nil {
		change(&cfg)
	}
	return cfg
}

func TestAMailByHandIsAsTheOthers(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{User: "u", Password: "hidden-word"})
	cfg := mailing(t, s.URL, func(c *config.Config) {
		c.Kratos = config.Settings{"courier": map[string]any{"smtp": map[string]any{
			"local_name": "id.example.com", "headers": map[string]any{"X-Campaign": "none"}, "client_cert_path": "/nowhere", "client_key_path": "/nowhere",
		}, "channels": []any{map[string]any{"id": "sms"}}}}
	})
	r, err := TestMail(t.Context(), cfg, MailTest{To: "anna@example.com"})
	if err != nil || !r.Sent || r.Err() != nil {
		t.Fatalf("got %+v, %v", r, err)
	}
	raw := string(s.Mails()[0].Raw)
	for _, part := range []string{"From: \"Northwind\" <no-reply@localhost>", "Reply-To: help@localhost", "X-Campaign: none", "Subject: Test mail from Northwind"} {
		if !strings.Contains(raw, part) {
			t.Errorf("got a mail without %q:\n%s", part, raw)
		}
	}
	if heard := s.Heard(); !strings.Contains(heard, "EHLO id.example.com\r\n") {
		t.Errorf("got the dialog\n%s", heard)
	}
	if len(r.Notes) != 2 || !strings.Contains(r.Notes[0], `web service of "sms"`) || !strings.Contains(r.Notes[1], "client_cert_path") {
		t.Errorf("got the notes %q", r.Notes)
	}
	if r.TLS != nil || len(r.Domain) != 0 || r.Read != "" {
		t.Errorf("got %+v; want no encryption, nothing of a domain that no name server knows, and no inbox", r)
	}
	for _, l := range r.Dialog {
		if strings.Contains(l.Text, "hidden-word") {
			t.Errorf("got the password in %q", l.Text)
		}
	}
}

func TestAMailByHandThatFails(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{STARTTLS: true})
	r, err := TestMail(t.Context(), mailing(t, s.URL, nil), MailTest{To: "anna@example.com", Offline: true})
	if err != nil || r.Sent || r.Failure == nil || r.Failure.Kind != "certificate_untrusted" || r.TLS == nil || r.TLS.Verified ||
		!strings.Contains(r.Err().Error(), "SSL_CERT_FILE") {
		t.Errorf("got %+v, %+v, %v", r, r.TLS, err)
	}
}

func TestWhatKeepsAMailFromBeingTried(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*config.Config)
		want   string
	}{
		"an inbox of nobody": {func(c *config.Config) { c.Mail.SMTPURL = config.SMTPURL{} }, "none runs here"},
		"no server": {func(c *config.Config) {
			c.Profile, c.Mail.SMTPURL = config.Production, config.SMTPURL{}
		}, "no mail leaves"},
		"a web service in place of a server": {func(c *config.Config) {
			c.Kratos = config.Settings{"courier.delivery_strategy": "http"}
		}, "web service"},
		"a channel of that name": {func(c *config.Config) {
			c.Kratos = config.Settings{"courier": map[string]any{"channels": []any{map[string]any{"id": "email"}}}}
		}, "web service"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := TestMail(t.Context(), mailing(t, "smtp://127.0.0.1:9?disable_starttls=true", tt.change), MailTest{To: "a@example.com"})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMailGoesToTheInboxThatRuns(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{})
	cfg := mailing(t, "", func(c *config.Config) { c.Mail.SMTPURL = config.SMTPURL{} })
	r, err := TestMail(t.Context(), cfg, MailTest{To: "anna@example.com", Inbox: s.URL, Pages: "http://localhost:1"})
	u, _ := url.Parse(s.URL)
	want := []string{u.Host, "http://localhost:1/account/inbox"}
	if diff := cmp.Diff(want, []string{r.Server, r.Read}); err != nil || diff != "" {
		t.Errorf("got %v (-want +got):\n%s", err, diff)
	}
}

func TestAddressesThatNoMailReaches(t *testing.T) {
	for address, good := range map[string]bool{
		"anna@example.com": true, "Anna <anna@example.com>": false, "anna": false, "änna@example.com": false, "a@example.com\r\nRCPT TO:<b>": false,
	} {
		if err := CheckMailAddress(address); (err == nil) != good {
			t.Errorf("got %v for %q", err, address)
		}
	}
}
