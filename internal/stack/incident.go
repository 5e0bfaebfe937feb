package stack

import (
	"context"
	"fmt"
	"net/http"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/incident"
	"example.com/identityd/internal/store"
)

// serveCopied says what a copy of the databases has in it.
func (s *Stack) serveCopied(w http.ResponseWriter, r *http.Request) {
	s.leaked(w, r, func(ctx context.Context, d incident.Databases) (any, error) { return d.Count(ctx) })
}

// Ended is how much a step of an incident has ended.
type Ended struct {
	Rows int64 `json:"rows"`
}

// serveLeak does one step. The guard in front of it has put it on record.
func (s *Stack) serveLeak(w http.ResponseWriter, r *http.Request) {
	step := map[string]func(incident.Databases, context.Context) (int64, error){
		"end-sessions":         incident.Databases.EndSessions,
		"end-codes":            incident.Databases.EndCodes,
		"reset-second-factors": incident.Databases.ResetSecondFactors,
		"force-recovery":       incident.Databases.ForceRecovery,
	}[r.PathValue("step")]
	if step == nil {
		control.Refuse(w, http.StatusNotFound, "There is no step "+r.PathValue("step")+".")
		return
	}
	s.leaked(w, r, func(ctx context.Context, d incident.Databases) (any, error) {
		n, err := step(d, ctx)
		return Ended{n}, err
	})
}

// leaked opens both databases for a step, and where writes go one at a time waits for its turn.
func (s *Stack) leaked(w http.ResponseWriter, r *http.Request, do func(context.Context, incident.Databases) (any, error)) {
	ctx := r.Context()
	err := s.with(func(p *pair) error {
		dbs, err := openDatabases(s.cfg)
		if err != nil {
			return err
		}
		defer dbs.close()
		work := func() {
			var out any
			if out, err = do(ctx, incident.Databases{Hydra: dbs.hydra, Kratos: dbs.kratos, Dialect: dbs.dialect}); err == nil {
				control.JSON(w, out)
			}
		}
		if dbs.dialect != store.SQLite || r.Method == http.MethodGet {
			work()
		} else if !p.kratos.Alone(ctx, work) {
			return fmt.Errorf("ended while waiting for its turn: %w", context.Cause(ctx))
		}
		return err
	})
	if err != nil {
		control.Refuse(w, http.StatusInternalServerError, "The step was not finished: "+err.Error()+".")
	}
}
