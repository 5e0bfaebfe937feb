package stack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	netmail "net/mail"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/mails"
	"example.com/identityd/internal/senderdomain"
	"example.com/identityd/internal/smtptalk"
)

// MailTest says what is to be tried.
type MailTest struct {
	To string
	// Inbox is the mail server of a running identityd that catches mail, and Pages where its pages are.
	Inbox, Pages string
	// Offline leaves out what name servers say of the sender's domain.
	Offline bool
}

// MailReport is what came of it.
type MailReport struct {
	To     string `json:"to"`
	From   string `json:"from"`
	Server string `json:"server"`
	Sent   bool   `json:"sent"`
	// Failure is nil where it was sent.
	Failure *MailFailure `json:"failure"`
	Dialog  []MailLine   `json:"dialog"`
	// TLS is nil where nothing was encrypted.
	TLS  *MailTLS `json:"tls"`
	Took string   `json:"took"`
	// Domain is what name servers say of the sender's domain.
	Domain []MailNote `json:"domain"`
	// Notes are what this does not show.
	Notes []string `json:"notes"`
	// Read is where the mail can be read, in development.
	Read string `json:"read"`
}

// MailFailure says at which step it ended, why, and what helps.
type MailFailure struct {
	Step   string `json:"step"`
	Kind   string `json:"kind"`
	Code   int    `json:"code"`
	Reason string `json:"reason"`
	Cure   string `json:"cure"`
}

// MailLine is a line of the dialog: of the client (C), of the server (S), or what happened (*).
type MailLine struct {
	At   string `json:"at"`
	From string `json:"from"`
	Text string `json:"text"`
}

// MailTLS is what is known of the encryption.
type MailTLS struct {
	Version   string    `json:"version"`
	Cipher    string    `json:"cipher"`
	Verified  bool      `json:"verified"`
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Names     []string  `json:"names"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
}

// MailNote is what a name server says of the sender's domain.
type MailNote struct {
	Record string `json:"record"`
	OK     bool   `json:"ok"`
	Text   string `json:"text"`
	Cure   string `json:"cure"`
}

// NoMailError says that nothing can be sent as the configuration is.
type NoMailError struct{ Reason string }

// Error implements error.
func (e *NoMailError) Error() string { return e.Reason }

// CheckMailAddress says what keeps an address from getting mails of the courier.
func CheckMailAddress(address string) error {
	parsed, err := netmail.ParseAddress(address)
	if err != nil || parsed.Address != address {
		return fmt.Errorf("%q is no mail address alone; write it like anna@example.com", address)
	}
	for _, r := range address {
		if r > 127 {
			return fmt.Errorf("%q has characters beyond ASCII, which the courier cannot deliver to; try another one", address)
		}
	}
	return nil
}

// TestMail sends a mail as the courier of a process with this configuration would, and says how it went. The
// error is for what keeps it from trying.
func TestMail(ctx context.Context, cfg config.Config, t MailTest) (MailReport, error) {
	r := MailReport{To: t.To, From: cfg.Mail.From, Dialog: []MailLine{}, Domain: []MailNote{}, Notes: []string{}}
	server, notes, err := mailServer(cfg, t.Inbox)
	if err != nil {
		return r, err
	}
	r.Server, r.Notes = server.Addr(), append(r.Notes, notes...)
	letter, err := trial(cfg, t)
	if err != nil {
		return r, err
	}
	told := make(chan []senderdomain.Note, 1)
	go func() { told <- lookUpSender(ctx, cfg, t) }()
	r.take(smtptalk.Send(ctx, server, letter))
	for _, n := range <-told {
		r.Domain = append(r.Domain, MailNote{Record: n.Record, OK: n.Good, Text: n.Text, Cure: n.Cure})
	}
	if r.Sent && cfg.Inbox() {
		r.Read = t.Pages + "/account/inbox"
	}
	return r, nil
}

// mailServer is the server that the courier would dial.
func mailServer(cfg config.Config, caught string) (smtptalk.Config, []string, error) {
	block, notes := cfg.Courier(), []string(nil)
	switch {
	case block.Elsewhere:
		return smtptalk.Config{}, nil, &NoMailError{"kratos.courier hands mails to a web service, which this does not call; " +
			"to see one arrive, ask for a recovery code with an address of yours"}
	case cfg.Inbox() && caught == "":
		return smtptalk.Config{}, nil, &NoMailError{"mail.smtp_url is not set, so mails stay in the inbox of a running identityd, and none runs here; " +
			"start identityd serve, or set mail.smtp_url"}
	case !cfg.Inbox() && cfg.Mail.SMTPURL.Empty():
		return smtptalk.Config{}, nil, &NoMailError{"mail.smtp_url is not set, so no mail leaves; set it, and mail.from"}
	}
	for _, id := range block.Channels {
		notes = append(notes, fmt.Sprintf("kratos.courier.channels: the web service of %q is not called", id))
	}
	out, err := smtptalk.Read(orElse(caught, cfg.Mail.SMTPURL.Reveal()))
	if err != nil {
		return out, nil, &NoMailError{"mail.smtp_url: " + err.Error()}
	}
	out.LocalName = block.LocalName
	if block.ClientCert != "" && block.ClientKey != "" {
		pair, err := tls.LoadX509KeyPair(block.ClientCert, block.ClientKey)
		if err != nil {
			notes = append(notes, fmt.Sprintf("kratos.courier.smtp.client_cert_path: %v; the courier goes on without it, and so does this", err))
		} else {
			out.TLS.Certificates = []tls.Certificate{pair}
		}
	}
	return out, notes, nil
}

// trial writes the mail, dressed as all others.
func trial(cfg config.Config, t MailTest) (smtptalk.Mail, error) {
	texts, err := offer(cfg.UI)
	if err != nil {
		return smtptalk.Mail{}, err
	}
	m, err := mails.New(mails.Config{Texts: texts, Brand: mailBrand(cfg), Pages: orElse(t.Pages, unservedURLs(cfg).UI)})
	if err != nil {
		return smtptalk.Mail{}, fmt.Errorf("writing a mail: %w", err)
	}
	written, err := m.Trial()
	if err != nil {
		return smtptalk.Mail{}, fmt.Errorf("writing a mail: %w", err)
	}
	block, headers := cfg.Courier(), map[string]string{}
	if cfg.Mail.ReplyTo != "" {
		headers["Reply-To"] = cfg.Mail.ReplyTo
	}
	maps.Copy(headers, block.Headers)
	return smtptalk.Mail{
		From: cfg.Mail.From, FromName: orElse(block.FromName, brand(cfg)), To: t.To, Headers: headers,
		Subject: written.Subject, Text: written.Text, HTML: written.HTML,
	}, nil
}

// lookUpSender asks what others are told of the sender's domain; nothing where nobody is asked.
func lookUpSender(ctx context.Context, cfg config.Config, t MailTest) []senderdomain.Note {
	domain := senderdomain.Domain(cfg.Mail.From)
	if t.Offline || cfg.Outbound.None || cfg.Inbox() || domain == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return senderdomain.Look(ctx, net.DefaultResolver, domain)
}

func (r *MailReport) take(t smtptalk.Talk) {
	r.Sent, r.Took = t.Failure == nil, t.Took.Round(time.Millisecond).String()
	for _, l := range t.Lines {
		r.Dialog = append(r.Dialog, MailLine{At: l.At.Round(time.Millisecond).String(), From: string(l.From), Text: l.Text})
	}
	if f := t.Failure; f != nil {
		r.Failure = &MailFailure{Step: string(f.Step), Kind: string(f.Kind), Code: f.Code, Reason: f.Reason, Cure: f.Cure}
	}
	if s := t.Security; s != nil {
		r.TLS = &MailTLS{
			Version: s.Version, Cipher: s.Cipher, Verified: s.Verified, Subject: s.Subject, Issuer: s.Issuer,
			Names: append([]string{}, s.Names...), NotBefore: s.NotBefore, NotAfter: s.NotAfter,
		}
	}
}

// Err is the failure as a command says it, nil where the mail was sent.
func (r MailReport) Err() error {
	if r.Failure == nil {
		return nil
	}
	return errors.New(r.Failure.Reason + "; " + r.Failure.Cure)
}
