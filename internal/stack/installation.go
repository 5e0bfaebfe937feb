package stack

import (
	"context"
	"errors"
	"strings"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/installation"
)

// facts are what this file says of the installation.
func (s *Stack) facts() installation.Facts { return facts(s.cfg, s.urls) }

func facts(cfg config.Config, u URLs) installation.Facts {
	return installation.Facts{
		Profile:  string(cfg.Profile),
		Issuer:   u.Hydra,
		RPID:     cfg.RelyingParty(u.UI),
		Pairwise: installation.Digest(cfg.PairwiseSalt()),
	}
}

// factWords are where an operator changes the facts.
func factWords(cfg config.Config) installation.Words {
	if cfg.OneOrigin() {
		return installation.Words{Issuer: "origin", RPID: "origin"}
	}
	return installation.Words{Issuer: "urls.hydra", RPID: "urls.ui"}
}

// checkProfile keeps a process of one profile off the database of the other before it writes anything,
// our own tables included.
func (s *Stack) checkProfile(ctx context.Context, t turns) error {
	if t.db == nil {
		return nil
	}
	row, err := installation.Read(ctx, t.db, t.dialect)
	if err != nil || row == nil || row.Profile == string(s.cfg.Profile) {
		return err
	}
	return otherProfile(*row, s.cfg)
}

func otherProfile(row installation.Row, cfg config.Config) error {
	return withCode("installation_other_profile", errors.New("this database belongs to a "+row.Profile+" installation (made on "+
		row.Made.Format(time.DateOnly)+" by identityd "+row.MadeBy+", issuer "+row.Issuer+
		"), and the file says profile: "+string(cfg.Profile)+".\nWrite another database into database.url, "+
		"or profile: "+row.Profile+".\nTo make the installation itself change its profile: identityd origin change --accept"))
}

// formerIssuer is what development stacks called themselves before they had one origin.
const formerIssuer = "http://localhost:4444"

// settleInstallation writes the row at the first start, under the lease of starts, and refuses a file
// that disagrees with it afterwards. In development addresses come and go.
func (s *Stack) settleInstallation(ctx context.Context, t turns) error {
	if t.db == nil {
		return nil
	}
	row, err := installation.Make(ctx, t.db, t.dialect, s.facts(), s.opts.Version)
	if err != nil {
		return err
	}
	differences := installation.Compare(row.Facts, s.facts())
	switch {
	case row.Profile != string(s.cfg.Profile):
		return otherProfile(*row, s.cfg)
	case row.Facts == s.facts():
		return nil
	case len(differences) > 0 && s.cfg.Profile == config.Production:
		return s.refuseOrigin(ctx, differences)
	case len(differences) > 0 && (!row.Loopback() || !s.facts().Loopback()):
		for _, d := range differences {
			s.log.WarnContext(ctx, "the address of the installation has changed", "what", d.What, "was", d.Was, "is", d.Is)
		}
	case row.Issuer == formerIssuer && s.cfg.OneOrigin():
		s.log.InfoContext(ctx, "this development stack has one origin now, and a new issuer", "was", row.Issuer, "is", s.urls.Hydra,
			"cure", `applications name the new one, or listen.gateway: "off" keeps the old`)
	}
	return installation.Change(ctx, t.db, t.dialect, s.facts(), s.opts.Version)
}

// sameInstallation refuses what settleInstallation would, and writes nothing.
func (s *Stack) sameInstallation(ctx context.Context, t turns) error {
	row, err := installation.Read(ctx, t.db, t.dialect)
	if err != nil || row == nil || s.cfg.Profile != config.Production {
		return err
	}
	if differences := installation.Compare(row.Facts, s.facts()); len(differences) > 0 {
		return s.refuseOrigin(ctx, differences)
	}
	return nil
}

// refuseOrigin words what the change would do, with numbers when they can be had.
func (s *Stack) refuseOrigin(ctx context.Context, differences []installation.Difference) error {
	lines := []string{"the file disagrees with what this installation is:"}
	dbs, err := openDatabases(s.cfg)
	if err != nil {
		return err
	}
	defer dbs.close()
	counts, err := installation.Count(ctx, dbs.hydra, dbs.kratos, dbs.dialect)
	if err != nil {
		return err
	}
	for _, c := range installation.Consequences(differences, counts, factWords(s.cfg)) {
		lines = append(lines, "  "+c)
	}
	lines = append(lines, "Write the old values back, or accept all of this: identityd origin change --accept")
	return withCode("installation_mismatch", errors.New(strings.Join(lines, "\n")))
}
