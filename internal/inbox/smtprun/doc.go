// Package smtprun runs a go-smtp server so that closing it leaves nothing behind.
package smtprun
