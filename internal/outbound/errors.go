package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
)

// Refused is the error of what the policy does not let through. Its text may reach anybody: it tells neither
// what a name resolved to nor what is found there.
type Refused struct{ Kind Kind }

// Error implements error.
func (e *Refused) Error() string {
	switch e.Kind {
	case TooLarge:
		return "the answer is too large"
	case TooSlow:
		return slow
	case Downgrade, Redirects:
		return "the answer redirects to where this service does not follow"
	}
	return "this service may not call the address"
}

const slow = "the answer took too long"

// Permanent tells those who try again that it would be for nothing.
func (*Refused) Permanent() bool { return true }

// failed is the error of a call that was made. Its text may reach anybody: whether a port is closed, a host
// away or a name unknown is not theirs to learn.
type failed struct {
	text  string
	cause error
}

// Error implements error.
func (e *failed) Error() string { return e.text }

// Unwrap returns what happened.
func (e *failed) Unwrap() error { return e.cause }

// Timeout tells net/http what to call it.
func (e *failed) Timeout() bool {
	var t net.Error
	return errors.As(e.cause, &t) && t.Timeout()
}

// hide returns an error whose text may be shown.
func hide(err error) error {
	var (
		refused     *Refused
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		name        x509.HostnameError
		record      tls.RecordHeaderError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &name):
		return &failed{"the certificate of the address was not accepted", err}
	case errors.As(err, &record):
		return &failed{"the address does not speak TLS", err}
	}
	f := &failed{"the address could not be reached", err}
	// Before there is a connection, a timeout tells of a firewall.
	if dial := (*net.OpError)(nil); f.Timeout() && (!errors.As(err, &dial) || dial.Op != "dial") {
		f.text = slow
	}
	return f
}
