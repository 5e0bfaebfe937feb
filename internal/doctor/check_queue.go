package doctor

import (
	"context"
	"fmt"
	"time"
)

// The statuses of a mail (kratos: courier/message.go), and what is looked at of them.
const (
	mailSent      = 2
	mailAbandoned = 4
	mailWaits     = 10 * time.Minute
	mostMails     = 1000
)

// mailQueue looks whether mails pile up. Whom they are for is not read.
func mailQueue() Check {
	return Check{
		Area: Mail, Name: "queue", Tells: "no mail waits for longer than ten minutes, and none was given up since yesterday", Needs: NeedsTables,
		Run: func(ctx context.Context, s *Subject) []Finding {
			rows, err := s.Kratos(ctx).DB.QueryContext(ctx, fmt.Sprintf(
				"SELECT status, created_at, updated_at FROM courier_messages WHERE status <> %d ORDER BY created_at DESC LIMIT %d", mailSent, mostMails))
			if err != nil {
				return []Finding{Skippedf("the mails cannot be read")}
			}
			defer rows.Close()
			waiting, given := 0, 0
			var oldest time.Time
			for rows.Next() {
				var (
					status        int
					made, changed time.Time
				)
				if rows.Scan(&status, &made, &changed) != nil {
					return []Finding{Skippedf("the mails cannot be read")}
				}
				switch {
				case status == mailAbandoned && s.now().Sub(changed) < 24*time.Hour:
					given++
				case status != mailAbandoned && s.now().Sub(made) > mailWaits:
					waiting, oldest = waiting+1, made
				}
			}
			if rows.Err() != nil {
				return []Finding{Skippedf("the mails cannot be read")}
			}
			return s.judgeQueue(waiting, given, oldest)
		},
	}
}

func (s *Subject) judgeQueue(waiting, given int, oldest time.Time) []Finding {
	var out []Finding
	const cure = "run identityd mail test ADDRESS, and look for courier in the log"
	if waiting > 0 {
		f := Faultf("mail.smtp_url: %s waiting, the oldest since %s", mails(waiting), oldest.UTC().Format("2006-01-02 15:04 UTC")).Cured(cure)
		if s.Process == nil { // nobody has sent any lately
			f.Level = Warning
		}
		out = append(out, f)
	}
	if given > 0 {
		out = append(out, Warningf("mail.smtp_url: %s given up since yesterday: the server refused, or too many attempts failed", mails(given)).Cured(cure))
	}
	return out
}

func mails(n int) string {
	switch {
	case n == 1:
		return "1 mail is"
	case n >= mostMails:
		return fmt.Sprintf("%d mails or more are", n)
	}
	return fmt.Sprintf("%d mails are", n)
}
