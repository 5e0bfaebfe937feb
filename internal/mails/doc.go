// Package mails writes every mail that people get: branded, in their language, as HTML and as text.
package mails
