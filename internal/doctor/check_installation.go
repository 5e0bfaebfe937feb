package doctor

import (
	"context"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/installation"
)

// sameInstallation compares the addresses with those that the database was first served under: applications
// know the issuer, and passkeys their domain, for ever.
func sameInstallation() Check {
	return Check{
		Area: Addresses, Name: "installation", Tells: "the addresses are those that this database has always been served under",
		Words: []string{"profile", "origin", "urls", "kratos.selfservice", "hydra.oidc"}, Needs: NeedsTables,
		Run: func(ctx context.Context, s *Subject) []Finding {
			db := s.Kratos(ctx)
			row, err := installation.Read(ctx, db.DB, db.DSN.Dialect())
			issuer := s.issuer()
			switch {
			case err != nil:
				return []Finding{Skippedf("the installation cannot be read")}
			case row == nil:
				return []Finding{Okf("nobody has served from this database yet")}
			case issuer == nil:
				return []Finding{Skippedf("the addresses follow from listeners, and no identityd runs from data_dir")}
			}
			return s.judgeInstallation(*row, issuer.raw)
		},
	}
}

func (s *Subject) judgeInstallation(row installation.Row, issuer string) []Finding {
	ui := issuer
	for _, p := range s.publics() {
		if p.name == "ui" {
			ui = p.raw
		}
	}
	is := installation.Facts{
		Profile: string(s.Config.Profile), Issuer: issuer, RPID: s.Config.RelyingParty(ui), Pairwise: installation.Digest(s.Config.PairwiseSalt()),
	}
	// In development on one machine addresses come and go.
	lenient := row.Loopback() && is.Loopback()
	words := map[string]string{
		installation.Profile: "profile", installation.Issuer: "urls.hydra", installation.RPID: "urls.ui", installation.Pairwise: "hydra.oidc.subject_identifiers.pairwise.salt",
	}
	if s.Config.OneOrigin() {
		words[installation.Issuer], words[installation.RPID] = "origin", "origin"
	}
	var out []Finding
	for _, d := range installation.Compare(row.Facts, is) {
		if lenient && d.What != installation.Profile {
			continue
		}
		f := Faultf("%s: this database is of an installation with the %s %s, and the file says %s", words[d.What], d.What, d.Was, d.Is)
		if s.Config.Profile != config.Production && d.What != installation.Profile {
			f.Level = Warning
		}
		out = append(out, f.Cured("write the old one back; identityd origin change says what a change costs"))
	}
	return out
}
