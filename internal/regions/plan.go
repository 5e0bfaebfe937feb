package regions

import (
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Step is one statement on the way to the goal.
type Step struct {
	// Engine is whose database it is for; it runs on a connection to that one.
	Engine string `json:"engine"`
	SQL    string `json:"sql"`
	// Now says what the statement does and costs while it runs, Then what it costs from then on.
	Now  string `json:"now"`
	Then string `json:"then,omitempty"`
	// Rewrites says that it takes as long as the table is large.
	Rewrites bool `json:"rewrites,omitempty"`
}

// Plan is what is missing between a state and a goal.
type Plan struct {
	Goal  Goal   `json:"goal"`
	Steps []Step `json:"steps"`
	// Notes are differences that no step removes, and why.
	Notes []string `json:"notes,omitempty"`
}

// Options widen what a plan may do.
type Options struct {
	// Drop lets it take regions away that the goal does not name.
	Drop bool
}

// Make plans the way from s to g: nothing where they agree. It returns a *RefusedError when the
// cluster cannot get there.
func Make(s State, g Goal, o Options) (Plan, error) {
	if err := refuse(s, g); err != nil {
		return Plan{}, err
	}
	p := Plan{Goal: g, Steps: []Step{}}
	for _, db := range s.Databases {
		p.regions(db, g)
		p.survival(db, g)
		p.localities(db, g)
		p.extra(db, g, o)
	}
	return p, nil
}

// regions: the first region of a database is its primary one. Later ones are added before one of them
// can become primary.
func (p *Plan) regions(db Database, g Goal) {
	name := quote(db.Name)
	primary := Step{
		Engine: db.Engine,
		SQL:    fmt.Sprintf("ALTER DATABASE %s SET PRIMARY REGION %s", name, quote(g.Primary)),
	}
	if db.Primary == "" {
		primary.Now, primary.Then = nowPrimary(g), thenPrimary(g)
		p.add(primary)
	}
	for _, region := range g.All() {
		if slices.Contains(db.Regions, region) || db.Primary == "" && region == g.Primary {
			continue
		}
		p.add(Step{
			Engine: db.Engine,
			SQL:    fmt.Sprintf("ALTER DATABASE %s ADD REGION %s", name, quote(region)),
			Now:    nowAdd(db), Then: thenAdd(region, g),
		})
	}
	if db.Primary != "" && db.Primary != g.Primary {
		primary.Now, primary.Then = nowMovePrimary(db, g), thenPrimary(g)
		p.add(primary)
	}
}

func (p *Plan) survival(db Database, g Goal) {
	have := db.Survive
	if have == "" {
		have = surviveZone // what a database begins with
	}
	if have == g.Survive {
		return
	}
	step := Step{Engine: db.Engine, SQL: fmt.Sprintf("ALTER DATABASE %s SURVIVE ZONE FAILURE", quote(db.Name))}
	step.Now, step.Then = nowZone, thenZone(g)
	if g.Survive == surviveRegion {
		step.SQL = fmt.Sprintf("ALTER DATABASE %s SURVIVE REGION FAILURE", quote(db.Name))
		step.Now, step.Then = nowSurvive, thenSurvive
	}
	p.add(step)
}

func (p *Plan) localities(db Database, g Goal) {
	if len(db.Tables) == 0 {
		p.note("the database %s has no tables yet: run identityd migrate, then this again", db.Name)
	}
	for _, t := range db.Tables {
		want, known := Place(db.Engine, t.Name, g)
		if !known {
			p.note("%s.%s is a table that this release does not know; it is left as it is (%s)", db.Name, t.Name, orDefault(t.Locality))
			continue
		}
		// Without regions yet, a table gets the default with the primary one.
		if orDefault(t.Locality) == want {
			continue
		}
		p.add(Step{
			Engine: db.Engine,
			SQL:    fmt.Sprintf("ALTER TABLE %s SET LOCALITY %s", pgx.Identifier{db.Name, "public", t.Name}.Sanitize(), want),
			Now:    nowLocality(t, want), Then: thenLocality(t, want),
			Rewrites: rewrites(t, want),
		})
	}
}

// extra is last: nothing may live in a region any longer that is dropped.
func (p *Plan) extra(db Database, g Goal, o Options) {
	for _, region := range db.Regions {
		if slices.Contains(g.All(), region) {
			continue
		}
		if !o.Drop {
			p.note("the database %s also has the region %s, which database.regions does not name: it is kept, because only --drop-regions drops one",
				db.Name, region)
			continue
		}
		p.add(Step{
			Engine: db.Engine,
			SQL:    fmt.Sprintf("ALTER DATABASE %s DROP REGION %s", quote(db.Name), quote(region)),
			Now:    nowDrop(region), Then: thenDrop(region),
		})
	}
}

func (p *Plan) add(s Step) { p.Steps = append(p.Steps, s) }

func (p *Plan) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

func orDefault(l Locality) Locality {
	if l == "" {
		return Primary
	}
	return l
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
