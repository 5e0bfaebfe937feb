package inbox_test

import (
	"io"
	"net"
	"net/smtp"
	"testing"

	"example.com/identityd/internal/inbox"
)

func client(t *testing.T, s *inbox.Server) *smtp.Client {
	t.Helper()
	c, err := smtp.NewClient(dial(t, s), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// letIn returns nil when the server still takes clients.
func letIn(t *testing.T, s *inbox.Server) error {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", host(t, s))
	if err != nil {
		return err
	}
	return c.Close()
}

func deliver(c *smtp.Client, mail string, to ...string) error {
	if err := c.Mail("from@example.com"); err != nil {
		return err
	}
	for _, a := range to {
		if err := c.Rcpt(a); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, mail); err != nil {
		return err
	}
	return w.Close()
}
