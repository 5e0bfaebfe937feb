package stack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/regions"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/supervisor"
)

// regionsPoll is how often a running schema change is looked at.
const regionsPoll = 2 * time.Second

// regionsAnswer bounds what only reads: a person waits for it.
const regionsAnswer = time.Minute

// RegionsProgress is one thing that a person who waits for an apply wants to know.
type RegionsProgress = regions.Progress

// RegionsOptions say how to reach the cluster and what may be done to it.
type RegionsOptions struct {
	// AdminURL, when set, is connected to in place of database.url and its users.
	AdminURL string
	// Drop lets regions be taken away that the configuration does not name.
	Drop bool
	// Tell gets the progress of an apply.
	Tell func(RegionsProgress)
}

// RegionsStatus compares the cluster with database.regions.
func RegionsStatus(ctx context.Context, cfg config.Config, opts Options, o RegionsOptions) (regions.Status, error) {
	r, err := openRegions(cfg, opts, o)
	if err != nil {
		return regions.Status{}, err
	}
	defer r.close()
	ctx, cancel := context.WithTimeout(ctx, regionsAnswer)
	defer cancel()
	state, err := r.read(ctx, cfg)
	if err != nil {
		return regions.Status{}, err
	}
	running, err := r.cluster.Running(ctx)
	if err != nil {
		return regions.Status{}, explainRegions(err)
	}
	out := regions.Compare(state, regionsGoal(cfg.Database.Regions), running)
	out.Server, out.License = r.report.Server.String(), r.report.License.String()
	return out, nil
}

// RegionsPlan returns the statements that an apply would run.
func RegionsPlan(ctx context.Context, cfg config.Config, opts Options, o RegionsOptions) (regions.Plan, error) {
	goal, err := wantRegions(cfg)
	if err != nil {
		return regions.Plan{}, err
	}
	r, err := openRegions(cfg, opts, o)
	if err != nil {
		return regions.Plan{}, err
	}
	defer r.close()
	ctx, cancel := context.WithTimeout(ctx, regionsAnswer)
	defer cancel()
	state, err := r.read(ctx, cfg)
	if err != nil {
		return regions.Plan{}, err
	}
	return regions.Make(state, goal, regions.Options{Drop: o.Drop})
}

// RegionsApply brings both databases to database.regions, one process at a time, and returns how many
// statements it ran.
func RegionsApply(ctx context.Context, cfg config.Config, opts Options, o RegionsOptions) (n int, err error) {
	goal, err := wantRegions(cfg)
	if err != nil {
		return 0, err
	}
	r, err := openRegions(cfg, opts, o)
	if err != nil {
		return 0, err
	}
	defer r.close()
	// Before anything is written, the lease included: what cannot be reached is said at once.
	early, cancel := context.WithTimeout(ctx, regionsAnswer)
	defer cancel()
	state, err := r.read(early, cfg)
	if err != nil {
		return 0, err
	}
	if _, err := regions.Make(state, goal, regions.Options{Drop: o.Drop}); err != nil {
		return 0, err
	}
	if !hasLeases(state) {
		return 0, &regions.RefusedError{Reason: "the databases were not migrated yet", Cure: "run identityd migrate, then this again"}
	}
	s := &Stack{cfg: cfg, opts: opts, log: opts.Log, readiness: supervisor.NewReadiness("applying regions")}
	t, err := s.openTurns(r.kratos)
	if err != nil {
		return 0, err
	}
	err = t.alone(ctx, leaseRegions, func(ctx context.Context) error {
		n, err = regions.Apply(ctx, leased{r.cluster, t}, goal, regions.Options{Drop: o.Drop}, regionsPoll, o.Tell)
		return err
	})
	return n, explainRegions(errors.Join(err, t.close()))
}

// leased keeps migrations away from a statement that runs. Starts wait for the same lease, so it is held
// for one statement at a time, and not for those that may take hours: a migration that meets one of these
// at the same table waits in the cluster.
type leased struct {
	regions.Cluster
	turns turns
}

// Exec implements regions.Cluster.
func (l leased) Exec(ctx context.Context, step regions.Step) error {
	if step.Rewrites {
		return l.Cluster.Exec(ctx, step)
	}
	return l.turns.alone(ctx, leaseStart, func(ctx context.Context) error { return l.Cluster.Exec(ctx, step) })
}

// hasLeases is asked before a lease is: an administrator who made the table would own it.
func hasLeases(s regions.State) bool {
	for _, db := range s.Databases {
		for _, t := range db.Tables {
			if db.Engine == "kratos" && t.Name == "identityd_lease" {
				return true
			}
		}
	}
	return false
}

// openedRegions is the cluster behind two pools.
type openedRegions struct {
	cluster regions.Cluster
	kratos  store.DSN
	report  store.Report
	close   func()
}

// read asks the server first what it is: PostgreSQL would answer with an error of syntax.
func (r *openedRegions) read(ctx context.Context, cfg config.Config) (regions.State, error) {
	var err error
	if r.report, err = store.Inspect(ctx, r.kratos); err != nil {
		if store.IsMismatch(err) != nil {
			return regions.State{}, (&Stack{cfg: cfg}).explainServer(err, "kratos")
		}
		return regions.State{}, explainRegions(err)
	}
	state, err := r.cluster.Read(ctx)
	return state, explainRegions(err)
}

func openRegions(cfg config.Config, opts Options, o RegionsOptions) (openedRegions, error) {
	sqlseam.Register()
	hydra, kratos, err := regionsDSNs(cfg, o)
	if err != nil {
		return openedRegions{}, err
	}
	hydraDB, err := store.Open(hydra.ForMigrations(), "")
	if err != nil {
		return openedRegions{}, fmt.Errorf("opening hydra database: %w", err)
	}
	kratosDB, err := store.Open(kratos.ForMigrations(), "")
	if err != nil {
		hydraDB.Close()
		return openedRegions{}, fmt.Errorf("opening kratos database: %w", err)
	}
	return openedRegions{
		cluster: regions.Open(regions.Member{Engine: "hydra", DB: hydraDB}, regions.Member{Engine: "kratos", DB: kratosDB}),
		kratos:  kratos,
		close: func() {
			if err := errors.Join(hydraDB.Close(), kratosDB.Close()); err != nil {
				opts.Log.Warn("closing the databases was not clean", "err", err)
			}
		},
	}, nil
}

// regionsDSNs keeps the databases of the configuration also where an administrator connects.
func regionsDSNs(cfg config.Config, o RegionsOptions) (hydra, kratos store.DSN, err error) {
	settings := storeSettings(cfg.Database, cfg.Region)
	hydra, kratos, err = store.Resolve(settings)
	if err != nil || o.AdminURL == "" {
		return hydra, kratos, err
	}
	admin := store.Settings{URL: o.AdminURL, Pool: settings.Pool}
	admin.Hydra.Name, admin.Kratos.Name = databaseName(hydra), databaseName(kratos)
	if hydra, kratos, err = store.Resolve(admin); err != nil {
		return hydra, kratos, fmt.Errorf("reading --admin-url: %w", err)
	}
	if d := hydra.Dialect(); d != store.Cockroach {
		return hydra, kratos, fmt.Errorf("reading --admin-url: it must begin with cockroach:// (got %s://)", d)
	}
	return hydra, kratos, nil
}

func databaseName(d store.DSN) string {
	u, err := url.Parse(d.Reveal())
	if err != nil || len(u.Path) < 2 {
		return ""
	}
	return u.Path[1:]
}

// wantRegions returns the goal, or a problem of the configuration.
func wantRegions(cfg config.Config) (regions.Goal, error) {
	if goal := regionsGoal(cfg.Database.Regions); goal != nil {
		return *goal, nil
	}
	return regions.Goal{}, &config.Problems{Source: cfg.Source, List: []config.Problem{{
		Path:    "database.regions.primary",
		Message: "must be set; identityd regions status shows the regions of the cluster",
	}}}
}

func regionsGoal(r config.Regions) *regions.Goal {
	if r.Primary == "" {
		return nil
	}
	return &regions.Goal{Primary: r.Primary, Others: r.Others, Survive: string(r.Survive), Rows: string(r.Rows)}
}

// explainRegions words what a person sees of a database that does not answer.
func explainRegions(err error) error {
	var refused *regions.RefusedError
	if err == nil || errors.As(err, &refused) || errors.Is(err, context.Canceled) {
		return err
	}
	if sqlseam.Classify(err) == sqlseam.Outage {
		return fmt.Errorf("%s: %w", store.Explain(err), err)
	}
	return err
}
