package identity

import "time"

// Mail is a mail that was caught instead of sent. Code and Link, when not empty, are what a flow
// waits for: a one-time code, or an address to open.
type Mail struct {
	ID         string
	From       string
	To         []string
	Subject    string
	Date       time.Time
	Text, HTML string
	Code, Link string
}
