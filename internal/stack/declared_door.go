package stack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/declare"
)

// DeclaredWish is what a command asks of what the file declares.
type DeclaredWish struct {
	// Adopt takes over what somebody else made.
	Adopt bool `json:"adopt"`
	// DeleteIdentities removes people who left the file, instead of leaving them deactivated.
	DeleteIdentities bool `json:"delete_identities"`
	// Plan is the one that was looked at: another one is refused. It is for doing.
	Plan string `json:"plan,omitempty"`
}

// DeclaredPlan is what has to be done so that both engines have what the file says.
type DeclaredPlan struct {
	// Source is the file, as the process that answers read it.
	Source string `json:"source,omitempty"`
	Owner  string `json:"owner"`
	// Verdict is in_force, new, or superseded when a newer file is in force and served with.
	Verdict string `json:"verdict"`
	// By and At are who took the file into force that is now, and when.
	By string     `json:"by,omitempty"`
	At *time.Time `json:"at,omitempty"`
	declare.Plan
	// ID tells this plan from another.
	ID string `json:"plan"`
}

// Drift are the things that were changed by other means than the file.
func (p DeclaredPlan) Drift() []declare.Action {
	var out []declare.Action
	for _, a := range p.Actions {
		if a.Drift {
			out = append(out, a)
		}
	}
	return out
}

// DeclaredResult is what was done.
type DeclaredResult struct {
	declare.Result
}

// NothingDone is the result where there is nothing to do.
func NothingDone() DeclaredResult {
	return DeclaredResult{declare.Result{Done: []declare.Action{}, Kept: []declare.Action{}}}
}

// errOtherPlan says that what would be done is not what was looked at.
var errOtherPlan = errors.New("what is to be done has changed since it was looked at; look at it again with identityd plan")

// declaredNow reads the file again, as a reload would, or takes what a command read.
func (s *Stack) declaredNow(p *pair) (config.Config, error) {
	if s.opts.Reload == nil {
		return p.cfg, nil
	}
	return s.opts.Reload()
}

func (s *Stack) serveDeclared(w http.ResponseWriter, r *http.Request) {
	p := s.enter()
	if p == nil {
		control.Refuse(w, http.StatusServiceUnavailable, "identityd is starting; try again when it is ready")
		return
	}
	defer p.leave()
	var wish DeclaredWish
	if r.Method == http.MethodGet {
		wish = DeclaredWish{Adopt: r.URL.Query().Has("adopt"), DeleteIdentities: r.URL.Query().Has("delete_identities")}
	} else if err := json.NewDecoder(r.Body).Decode(&wish); err != nil {
		control.Refuse(w, http.StatusBadRequest, "the body has to be a JSON object")
		return
	}
	cfg, err := s.declaredNow(p)
	var answer any
	if err == nil {
		answer, err = s.answerDeclared(r.Context(), p, cfg, wish, r.Method != http.MethodGet)
	}
	switch {
	case errors.Is(err, errOtherPlan):
		control.Refuse(w, http.StatusConflict, err.Error())
	case err != nil:
		control.Refuse(w, http.StatusUnprocessableEntity, err.Error())
	default:
		control.JSON(w, answer)
	}
}

func (s *Stack) answerDeclared(ctx context.Context, p *pair, cfg config.Config, wish DeclaredWish, do bool) (answer any, err error) {
	d, err := s.declaring(p, cfg)
	if err != nil {
		return nil, err
	}
	how := declare.How{Asked: true, Adopt: wish.Adopt, DeleteIdentities: wish.DeleteIdentities}
	if !do {
		plan, _, err := d.look(ctx, cfg.Source, how)
		return plan, err
	}
	// As a start does: what two would spoil is one after the other.
	err = p.turns.alone(ctx, leaseStart, func(ctx context.Context) error {
		plan, newest, err := d.look(ctx, cfg.Source, how)
		if err != nil {
			return err
		}
		if wish.Plan != "" && wish.Plan != plan.ID {
			return errOtherPlan
		}
		res, err := d.do(ctx, plan.Plan, how, newest)
		if err != nil {
			return err
		}
		s.metrics.declared.set(nil)
		answer = DeclaredResult{res}
		return d.vouch(ctx)
	})
	return answer, err
}

// look is the plan, with what is in force.
func (d *declaring) look(ctx context.Context, source string, how declare.How) (DeclaredPlan, declare.File, error) {
	verdict, newest, err := declare.Judge(ctx, d.Ledger, d.holder, d.Owner, d.sums)
	if err != nil {
		return DeclaredPlan{}, newest, err
	}
	plan, err := d.Plan(ctx, d.want, how)
	if err != nil {
		return DeclaredPlan{}, newest, err
	}
	out := DeclaredPlan{Source: source, Owner: d.Owner, Verdict: "new", By: newest.By, Plan: plan, ID: plan.Sum()}
	switch {
	case newest.Generation == 0:
		if len(d.want) == 0 {
			out.Verdict = "in_force"
		}
		return out, newest, nil
	case slices.Contains(d.sums, newest.Digest):
		out.Verdict = "in_force"
	case verdict == declare.Superseded:
		out.Verdict = "superseded"
	}
	at := newest.At
	out.At = &at
	return out, newest, nil
}

// vouched is for how long what a person took into force is not undone by the restart of a process with an
// older file: a pipeline applies first and then rolls the processes.
const vouched = time.Hour

// vouch says so under a name of its own, because the process itself may serve with the file of before.
func (d *declaring) vouch(ctx context.Context) error {
	files, err := d.Ledger.Files(ctx, d.Owner)
	if err != nil || len(files) == 0 || d.pair.turns.leases == nil {
		return err
	}
	return d.Ledger.Beat(ctx, "apply "+d.Owner, d.Owner, files[0].Generation, time.Now().Add(vouched))
}
