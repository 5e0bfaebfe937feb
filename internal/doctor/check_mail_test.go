package doctor

import (
	"crypto/x509"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/inbox/smtptest"
	"example.com/identityd/internal/smtptalk"
)

// mailingBy is a production that sends by a server.
func mailingBy(t *testing.T, address string, ca []byte) *Subject {
	t.Helper()
	s := inProduction(t, good)
	s.Config.Mail.SMTPURL = config.NewSMTPURL(address)
	s.Net.Roots = x509.NewCertPool()
	s.Net.Roots.AppendCertsFromPEM(ca)
	return s
}

func TestMailServer(t *testing.T) {
	user := smtptest.Options{STARTTLS: true, User: "u", Password: "hidden-word", Until: time.Now().Add(60 * day)}
	soon := user
	soon.Until = time.Now().Add(2 * day)
	other := user
	other.Hosts = []string{"mail.example.net"}
	picky, waiting := user, user
	picky.RefuseSender = &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not yours"}
	waiting.RefuseSender = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later"}
	for name, tt := range map[string]struct {
		options smtptest.Options
		change  func(*url.URL)
		l       Level
		text    string
	}{
		"all is well":                        {user, nil, OK, "takes our mails"},
		"plain text to this machine is well": {smtptest.Options{}, nil, OK, "takes our mails"},
		"nothing listens":                    {user, func(u *url.URL) { u.Host = closedPort(t) }, Fault, "mail.smtp_url: connect: nothing listens"},
		"no STARTTLS":                        {smtptest.Options{}, func(u *url.URL) { u.RawQuery = "" }, Fault, "offers no STARTTLS"},
		"a wrong password":                   {user, func(u *url.URL) { u.User = url.UserPassword("u", "hidden-other") }, Fault, "user or password were refused"},
		"a certificate for another":          {other, nil, Fault, "is for mail.example.net"},
		"a certificate that ends soon":       {soon, nil, Warning, "expires on"},
		"a sender that is refused":           {picky, nil, Fault, "mail.from: no-reply@example.com"},
		"a server that lets strangers wait":  {waiting, nil, Warning, "does not take it now"},
		"a login that nobody asks for":       {smtptest.Options{}, func(u *url.URL) { u.User = url.UserPassword("u", "hidden-word") }, Warning, "asks for no login"},
	} {
		t.Run(name, func(t *testing.T) {
			server := smtptest.Start(t, tt.options)
			u, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			if tt.change != nil {
				tt.change(u)
			}
			rows := look(t, mailingBy(t, u.String(), server.CA), mailServer())
			wants(t, rows, tt.l, tt.text)
			for _, row := range rows {
				if strings.Contains(row.Text+row.Cure, "hidden") {
					t.Errorf("got a password in %+v", row)
				}
			}
			if n := len(server.Mails()); n != 0 {
				t.Errorf("got %d mails, want none: doctor looks only", n)
			}
		})
	}
}

func TestMailWithoutEncryption(t *testing.T) {
	far := smtptalk.Config{Host: "mail.example.com", Port: 25}
	for profile, want := range map[config.Profile]Level{config.Production: Fault, config.Development: Warning} {
		s := &Subject{Config: config.Config{Profile: profile}}
		f := s.judgeMail(far, smtptalk.Talk{})
		if len(f) != 1 || f[0].Level != want || !strings.Contains(f[0].Text, "without encryption") || !strings.Contains(f[0].Cure, "smtps://") {
			t.Errorf("%s: got %+v", profile, f)
		}
	}
	f := (&Subject{}).judgeMail(far, smtptalk.Talk{Security: &smtptalk.Security{NotAfter: time.Now().Add(60 * day)}})
	if len(f) != 1 || f[0].Level != Warning || !strings.Contains(f[0].Text, "is not verified") {
		t.Errorf("got %+v", f)
	}
	// In production the file itself is refused.
	s := inProduction(t, good+"mail: {smtp_url: 'smtp://mail.example.com?disable_starttls=true', from: no-reply@example.com}\n")
	wants(t, look(t, s, configuration()), Fault, "disable_starttls=true in production")
	wants(t, look(t, s, mailServer()), Skipped, "mail.smtp_url is wrong")
}

func TestMailThatNoServerGets(t *testing.T) {
	wants(t, look(t, written(t, "profile: development\n"), mailServer()), OK, "inbox of development")
	s := inProduction(t, good)
	s.Config.Kratos = config.Settings{"courier": map[string]any{"delivery_strategy": "http"}}
	wants(t, look(t, s, mailServer()), Skipped, "web service")
}

func TestSender(t *testing.T) {
	records := map[string]string{"example.com": "v=spf1 mx -all", "_dmarc.example.com": "v=DMARC1; p=reject", "example.net": "v=spf1 +all", "_dmarc.example.net": "v=DMARC1; p=none"}
	server := nameServer{txt: func(name string) ([]string, error) {
		if text := records[name]; text != "" {
			return []string{text}, nil
		}
		return nil, errNotFound
	}}
	s := inProduction(t, good)
	s.Net.Resolver = server
	wants(t, look(t, s, senderRecords()), OK, "receivers are told of it")
	s.Config.Mail.From = "no-reply@example.net"
	rows := look(t, s, senderRecords())
	wants(t, rows, Warning, "mails come from example.net and lead to id.example.com")
	wants(t, rows, Warning, "mail.from: SPF: example.net lets everybody send")
	s.Config.Mail.From = "no-reply@localhost"
	wants(t, look(t, s, senderRecords()), OK, "no domain that others know")
}
