package doctor

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"example.com/identityd/internal/store"
)

// databaseAnswers connects to both databases as identityd does.
func databaseAnswers() Check {
	return Check{
		Area: Database, Name: "answers", Tells: "both databases let identityd in", Words: []string{"database", "data_dir"},
		Run: func(ctx context.Context, s *Subject) []Finding {
			var out []Finding
			for _, m := range s.Databases(ctx) {
				if m.Err != nil {
					out = append(out, s.refused(ctx, m))
				}
			}
			out = once(out)
			if len(out) == 2 && s.Process == nil && notMade(s.Hydra(ctx)) && notMade(s.Kratos(ctx)) {
				return []Finding{Warningf("%s: there are no databases in %s yet", s.Hydra(ctx).Word(s), filepath.Dir(s.Hydra(ctx).DSN.File())).
					Cured("run identityd migrate, or identityd serve")}
			}
			return out
		},
	}
}

func notMade(m *Meeting) bool {
	var made *NotMadeError
	return errors.As(m.Err, &made)
}

// refused says why a database lets nobody in.
func (s *Subject) refused(ctx context.Context, m *Meeting) Finding {
	word, made := m.Word(s), &NotMadeError{}
	user := "database." + m.Engine + ".user"
	switch {
	case m.DSN.Memory():
		return Skippedf("%s: a database in memory belongs to the process that serves it", word)
	case errors.As(m.Err, &made):
		if s.Process != nil {
			return Faultf("%s: %s is gone, and process %d serves from it", word, made.File, s.Process.PID).
				Cured("stop identityd and restore a backup (identityd restore)")
		}
		return Warningf("%s: there is no %s yet", word, made.File).Cured("run identityd migrate, or identityd serve")
	}
	if store.DatabaseMissing(m.Err) {
		if f, found := s.mismatch(m, store.Mismatch(ctx, m.DSN)); found {
			return f
		}
		cure := "run identityd bootstrap, or identityd migrate as a user who may create databases"
		return Faultf("%s: the database %s does not exist", word, m.at()).Cured("%s", cure)
	}
	if store.CredentialsRefused(m.Err) {
		return Faultf("%s: the server refuses the user %q or its password (database %s)", user, m.DSN.User(), m.at()).
			Cured("correct database.%s.password_file or database.%s.user", m.Engine, m.Engine)
	}
	if m.DSN.Dialect() == store.SQLite {
		return Faultf("%s: %s cannot be read: %v", word, m.at(), m.Err).
			Cured("restore it from a backup (identityd restore), or make it readable for this user")
	}
	return Faultf("%s: %s (%s): %s", word, store.Explain(m.Err), m.at(), store.Cause(m.Err)).
		Cured("start the server, or correct host and port in %s", word)
}

// mismatch words that the scheme of the URL is that of another kind of server.
func (s *Subject) mismatch(m *Meeting, err error) (Finding, bool) {
	mismatch := store.IsMismatch(err)
	if mismatch == nil {
		return Finding{}, false
	}
	f := Faultf("%s: %s:// does not fit, the server at %s is %s", m.Word(s), m.DSN.Dialect(), m.at(), mismatch.Server)
	if mismatch.Server.Dialect == "" {
		return f.Cured("name a CockroachDB in %s, or write postgres://", m.Word(s)), true
	}
	return f.Cured("begin %s with %s and keep the rest", m.Word(s), mismatch.Want()), true
}

// databaseServer asks the servers what they are: kind, faults of the version, license, isolation.
func databaseServer() Check {
	return Check{
		Area: Database, Name: "server", Needs: NeedsDatabase,
		Tells: "the server is of the kind that the URL says, without a known fault, licensed, and isolates transactions as it must",
		Run: func(ctx context.Context, s *Subject) []Finding {
			var out []Finding
			for _, m := range s.Databases(ctx) {
				report, err := store.Inspect(ctx, m.DSN)
				if f, found := s.mismatch(m, err); found {
					out = append(out, f)
					continue
				}
				if err != nil {
					out = append(out, Warningf("%s: the server does not say what it is: %s", m.Word(s), store.Explain(err)).
						Cured("look at the log of the server at %s", m.at()))
					continue
				}
				for _, f := range report.Findings {
					level := Warning
					if f.Refused {
						level = Fault
					}
					if strings.HasPrefix(f.Cure, "none needed") {
						level = OK
					}
					out = append(out, Finding{Level: level, Text: m.Word(s) + ": " + report.Server.String() + ": " + f.Reason, Cure: f.Cure})
				}
				if len(report.Findings) == 0 && m.DSN.Dialect() != store.SQLite {
					out = append(out, Okf("%s, isolation %s", report.Server, report.Isolation))
				}
			}
			return once(out)
		},
	}
}

// databaseTLS looks at what keeps the way to a database on another machine closed.
func databaseTLS() Check {
	return Check{
		Area: Database, Name: "tls", Tells: "the way to a database on another machine is encrypted, and its server proves who it is",
		Words: []string{"database", "data_dir"},
		Run: func(ctx context.Context, s *Subject) []Finding {
			var out []Finding
			for _, m := range s.Databases(ctx) {
				if !m.remote() {
					continue
				}
				mode := "prefer"
				if u, err := url.Parse(m.DSN.Reveal()); err == nil && u.Query().Get("sslmode") != "" {
					mode = u.Query().Get("sslmode")
				}
				cure := "write sslmode=verify-full and sslrootcert=<file> behind the question mark of " + m.Word(s)
				switch mode {
				case "disable", "allow", "prefer":
					out = append(out, Warningf("%s: sslmode=%s lets passwords and hashes pass in clear (%s)", m.Word(s), mode, m.at()).Cured("%s", cure))
				case "require":
					out = append(out, Warningf("%s: sslmode=require takes any certificate (%s)", m.Word(s), m.at()).Cured("%s", cure))
				}
			}
			return once(out)
		},
	}
}

// once leaves out what was found of the other database already.
func once(list []Finding) []Finding {
	var out []Finding
	for _, f := range list {
		if !slices.ContainsFunc(out, func(o Finding) bool { return o.Level == f.Level && o.Text == f.Text }) {
			out = append(out, f)
		}
	}
	return out
}
