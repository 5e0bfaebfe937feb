// Package smtptest is a mail server as production has it, with STARTTLS, TLS and passwords, for
// tests.
package smtptest
