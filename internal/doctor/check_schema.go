package doctor

import (
	"context"

	"example.com/identityd/internal/config"
)

// schema compares the tables with what this binary knows.
func schema() Check {
	return Check{
		Area: Database, Name: "schema", Tells: "the tables are those of this release", Needs: NeedsDatabase,
		Run: func(ctx context.Context, s *Subject) []Finding {
			if s.Engines.Schema == nil {
				return []Finding{Skippedf("no engine")}
			}
			have, err := s.Engines.Schema(ctx, s.Hydra(ctx).DB, s.Kratos(ctx).DB)
			if err != nil {
				return []Finding{Faultf("database.url: the tables cannot be read: %v", err).
					Cured("give the database user the rights that identityd bootstrap gives, or restore a backup")}
			}
			var out []Finding
			switch {
			case have.Refused != "":
				text, cure, _ := cutLast(have.Refused, ": ")
				out = append(out, Faultf("database.url: %s", text).Cured("%s", cure))
			case have.Newer:
				out = append(out, Warningf("database.url: %s has migrated the databases, and this is identityd %s, which may still serve", have.Release, s.Version).
					Cured("use %s here too", have.Release))
			}
			return append(out, s.pending(have)...)
		},
	}
}

// pending is a fault where nobody will migrate by himself.
func (s *Subject) pending(have Schema) []Finding {
	mode := s.Config.Database.Migrate
	text := "database.migrate is %s, and pending: %s"
	switch {
	case have.Pending == 0:
		return nil
	case mode == config.MigrateAuto, mode == config.MigrateEmpty && have.Empty:
		return []Finding{Warningf(text, mode, count(have.Pending, "migration")).Cured("identityd serve applies them at its start; identityd migrate does it now")}
	}
	return []Finding{Faultf(text, mode, count(have.Pending, "migration")).Cured("run identityd migrate (identityd migrate plan prints them)")}
}
