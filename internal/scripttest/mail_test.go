package scripttest

import (
	"flag"
	"os"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"

	"example.com/identityd/internal/inbox/smtptest"
)

// mailserver [-starttls|-tls] [-user u -password p] [-host h] [-expired] [-refuse sender|recipient|relay|later]
// starts a mail server. $SMTP_URL is its address, and $SMTP_CA a file with the authority of its certificate.
func (b *bench) mailServer(ts *testscript.TestScript, args []string) {
	var (
		o            smtptest.Options
		host, refuse string
		expired      bool
	)
	rest := options(ts, args, func(set *flag.FlagSet) {
		set.BoolVar(&o.STARTTLS, "starttls", false, "")
		set.BoolVar(&o.TLS, "tls", false, "")
		set.StringVar(&o.User, "user", "", "")
		set.StringVar(&o.Password, "password", "", "")
		set.StringVar(&host, "host", "", "")
		set.StringVar(&refuse, "refuse", "", "")
		set.BoolVar(&expired, "expired", false, "")
	})
	if len(rest) != 0 {
		ts.Fatalf("usage: mailserver [option...]")
	}
	if host != "" {
		o.Hosts = []string{host}
	}
	if expired {
		o.Until = time.Now().Add(-time.Hour)
	}
	switch refuse {
	case "":
	case "sender":
		o.RefuseSender = &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not your address"}
	case "recipient":
		o.RefuseRecipient = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	case "relay":
		o.RefuseRecipient = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Relay access denied"}
	case "later":
		o.RefuseRecipient = &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "Greylisted, come back"}
	default:
		ts.Fatalf("nobody refuses %q", refuse)
	}
	server := smtptest.Start(b.tb, o)
	if o.Password != "" {
		b.secrets = append(b.secrets, o.Password)
	}
	ts.Setenv("SMTP_URL", server.URL)
	if server.CA != nil {
		file := ts.MkAbs("smtp-ca.pem")
		ts.Check(os.WriteFile(file, server.CA, 0o600))
		ts.Setenv("SMTP_CA", file)
	}
}
