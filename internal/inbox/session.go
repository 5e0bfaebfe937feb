package inbox

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/emersion/go-smtp"
)

// session is one client's envelope. Every address is taken: whose mail it is, is not decided here.
type session struct {
	ctx    context.Context // go-smtp passes none; for the log
	server *Server
	from   string
	to     []string
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session. A mail that cannot be understood is kept as it came, since the
// person who wrote its template is the one who looks at this inbox.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := Parse(raw, s.from, slices.Clone(s.to), s.server.origins...)
	s.server.store.add(m)
	// Neither subject nor recipient: the one holds the code, the other is somebody's address.
	s.server.log.DebugContext(s.ctx, "mail caught", "mail_id", m.ID, "bytes", len(raw))
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// errorLog brings go-smtp's complaints into the one log stream. It implements smtp.Logger.
type errorLog struct {
	ctx context.Context // smtp.Logger takes none
	log *slog.Logger
}

// Printf implements smtp.Logger.
func (l errorLog) Printf(format string, v ...any) {
	l.warn(fmt.Sprintf(format, v...))
}

// Println implements smtp.Logger.
func (l errorLog) Println(v ...any) {
	l.warn(fmt.Sprintln(v...))
}

func (l errorLog) warn(line string) {
	l.log.WarnContext(l.ctx, "development mail server complained", "detail", strings.TrimSpace(line))
}
