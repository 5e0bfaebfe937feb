package regions

import (
	"context"
	"slices"
	"strings"
)

// three is the goal that most tests ask for.
func three() Goal {
	return Goal{Primary: "eu-west-1", Others: []string{"us-east-1", "ap-south-1"}, Survive: "zone", Rows: "primary"}
}

func tableNames(engine string) []string {
	var out []string
	for _, list := range [][]string{globals(engine), strict(engine), mobile(engine)} {
		out = append(out, list...)
	}
	if engine == "kratos" {
		out = append(out, "identityd_lease", "identityd_schema")
	}
	slices.Sort(out)
	return out
}

// fresh is a cluster of these regions whose two databases were migrated and have none.
func fresh(regions ...string) State {
	s := State{Cluster: regions}
	for _, engine := range []string{"hydra", "kratos"} {
		db := Database{Engine: engine, Name: engine}
		for _, name := range tableNames(engine) {
			db.Tables = append(db.Tables, Table{Name: name})
		}
		s.Databases = append(s.Databases, db)
	}
	return s
}

// model is a cluster that does what a statement says, as far as its state goes.
type model struct{ state State }

func (m *model) run(sql string) {
	words := strings.Fields(sql)
	last := unquote(words[len(words)-1])
	for i := range m.state.Databases {
		db := &m.state.Databases[i]
		named := unquote(strings.Split(words[2], ".")[0])
		if named != db.Name {
			continue
		}
		switch {
		case words[1] == "TABLE":
			table := unquote(strings.Split(words[2], ".")[2])
			_, locality, _ := strings.Cut(sql, " SET LOCALITY ")
			for j := range db.Tables {
				if db.Tables[j].Name == table {
					db.Tables[j].Locality = Locality(locality)
				}
			}
		case strings.Contains(sql, "PRIMARY REGION"):
			if db.Primary == "" {
				db.Regions, db.Survive = []string{last}, "zone"
				for j := range db.Tables {
					db.Tables[j].Locality = Primary
				}
			}
			db.Primary = last
		case words[3] == "ADD":
			db.Regions = append(db.Regions, last)
			slices.Sort(db.Regions)
		case words[3] == "DROP":
			db.Regions = slices.DeleteFunc(db.Regions, func(r string) bool { return r == last })
		case words[3] == "SURVIVE":
			db.Survive = strings.ToLower(words[4])
		}
	}
}

func unquote(s string) string { return strings.Trim(s, `"`) }

// after returns the state in which a number of steps of the plan were run.
func after(s State, g Goal, steps int) State {
	m := model{clone(s)}
	p, err := Make(m.state, g, Options{})
	if err != nil {
		panic(err)
	}
	if steps < 0 {
		steps = len(p.Steps)
	}
	for _, step := range p.Steps[:steps] {
		m.run(step.SQL)
	}
	return m.state
}

func clone(s State) State {
	out := State{Cluster: slices.Clone(s.Cluster)}
	for _, db := range s.Databases {
		db.Regions, db.Tables = slices.Clone(db.Regions), slices.Clone(db.Tables)
		out.Databases = append(out.Databases, db)
	}
	return out
}

// fake is a Cluster of functions.
type fake struct {
	read    func(context.Context) (State, error)
	running func(context.Context) ([]Job, error)
	exec    func(context.Context, Step) error
}

func (f fake) Read(ctx context.Context) (State, error)    { return f.read(ctx) }
func (f fake) Running(ctx context.Context) ([]Job, error) { return f.running(ctx) }
func (f fake) Exec(ctx context.Context, s Step) error     { return f.exec(ctx, s) }

// cluster is a fake over a model.
func (m *model) cluster() fake {
	return fake{
		read:    func(context.Context) (State, error) { return clone(m.state), nil },
		running: func(context.Context) ([]Job, error) { return nil, nil },
		exec:    func(_ context.Context, s Step) error { m.run(s.SQL); return nil },
	}
}
