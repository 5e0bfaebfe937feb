package smtptalk

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
	"time"
	"unicode"
)

// Step is a part of a delivery.
type Step string

// The steps in the order in which they come.
const (
	Resolve   Step = "resolve"
	Connect   Step = "connect"
	TLS       Step = "tls"
	Greeting  Step = "greeting"
	Hello     Step = "hello"
	StartTLS  Step = "starttls"
	Login     Step = "login"
	Sender    Step = "sender"
	Recipient Step = "recipient"
	Data      Step = "data"
)

// Speaker says whose line it is.
type Speaker string

// Who speaks: the client, the server, or nobody: what happened between two lines.
const (
	Client Speaker = "C"
	Server Speaker = "S"
	Nobody Speaker = "*"
)

// Line is one line of a dialog.
type Line struct {
	// At is when, from the beginning.
	At   time.Duration
	From Speaker
	Text string
}

// Talk is what was said, up to the end or to what failed.
type Talk struct {
	Lines []Line
	// Security is nil where nothing was encrypted.
	Security *Security
	// LoggedIn says that the server took user and password.
	LoggedIn bool
	// Failure is nil where everything went well.
	Failure *Failure
	Took    time.Duration
}

// Security is what is known of the encryption.
type Security struct {
	// Version and Cipher are empty where the handshake failed.
	Version, Cipher string
	// Verified is false where the address switches the verification off.
	Verified        bool
	Subject, Issuer string
	Names           []string
	NotBefore       time.Time
	NotAfter        time.Time
}

func secured(s tls.ConnectionState, verified bool) *Security {
	out := certified(s.PeerCertificates)
	out.Version, out.Cipher, out.Verified = tls.VersionName(s.Version), tls.CipherSuiteName(s.CipherSuite), verified
	return out
}

func certified(chain []*x509.Certificate) *Security {
	if len(chain) == 0 {
		return &Security{}
	}
	leaf := chain[0]
	s := &Security{
		Subject: clean(leaf.Subject.String()), Issuer: clean(leaf.Issuer.String()),
		NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter,
	}
	for _, name := range leaf.DNSNames {
		s.Names = append(s.Names, clean(name))
	}
	for _, ip := range leaf.IPAddresses {
		s.Names = append(s.Names, ip.String())
	}
	return s
}

// mask stands for what nobody may read over a shoulder.
const mask = "********"

// recorder keeps lines without what is secret, and without what a server could do to a terminal.
type recorder struct {
	talk   *Talk
	began  time.Time
	hidden []string
}

func (r *recorder) say(from Speaker, text string) {
	for _, secret := range r.hidden {
		text = strings.ReplaceAll(text, secret, mask)
	}
	r.talk.Lines = append(r.talk.Lines, Line{At: time.Since(r.began), From: from, Text: clean(text)})
}

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
