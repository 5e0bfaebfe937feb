package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/sealing"
	"example.com/identityd/internal/secrets"
)

// RotateOptions say what to do with which secrets.
type RotateOptions struct {
	// Kinds are some of system, cookie and cipher; none means all.
	Kinds []string
	// Stage is a step; empty puts a new one first at once.
	Stage string
	// Force does it whatever it ends.
	Force bool
	// DryRun says what would be done.
	DryRun bool
	// Out takes the new file instead of the place where the old one is; nil replaces that one.
	Out func([]byte) error
}

// Rotation is what was done with one list.
type Rotation struct {
	Kind string `json:"kind"`
	// Sealing is the fingerprint of the first.
	Sealing string   `json:"sealing"`
	Added   string   `json:"added,omitempty"`
	Dropped []string `json:"dropped"`
	// Kept are those that stay because they are needed, with the reasons.
	Kept map[string][]string `json:"kept"`
}

// Rotated is what was done.
type Rotated struct {
	Path      string        `json:"path"`
	Stage     secrets.Stage `json:"stage"`
	Lists     []Rotation    `json:"lists"`
	Processes []string      `json:"processes"`
	// Changed says that there is a new file. A dry run has none.
	Changed bool     `json:"changed"`
	DryRun  bool     `json:"dry_run"`
	Notes   []string `json:"notes"`
}

// StillNeededError refuses to drop what something would be lost with.
type StillNeededError struct{ Lines []string }

// Error implements error.
func (e *StillNeededError) Error() string {
	return "nothing can be dropped yet:\n  " + strings.Join(e.Lines, "\n  ") +
		"\nA secret that leaked can be dropped at once with --force: what it sealed ends with it"
}

// RotateSecrets takes one step of a rotation in the file of the secrets.
func RotateSecrets(ctx context.Context, cfg config.Config, opts Options, o RotateOptions) (Rotated, error) {
	kinds, err := chosenKinds(o.Kinds)
	if err != nil {
		return Rotated{}, err
	}
	f, path, err := secretsFile(cfg, kinds)
	if err != nil {
		return Rotated{}, err
	}
	out := Rotated{Path: path, Stage: secrets.Stage(o.Stage), Lists: []Rotation{}, Processes: []string{}, DryRun: o.DryRun, Notes: []string{}}
	if o.Stage == "" {
		out.Stage = secrets.Replace
	}
	k, err := secretsInForce(cfg)
	if err != nil {
		return Rotated{}, err
	}
	needs, readers, err := lookForCommand(ctx, cfg, opts, k)
	if err != nil {
		// To add one never harms. For the rest it has to be known what others do and hold.
		if out.Stage != secrets.Add && !o.Force {
			return Rotated{}, fmt.Errorf("%w.\nWithout the databases nobody can tell what this would end; --force does it all the same", err)
		}
		out.Notes = append(out.Notes, "the databases could not be asked: "+err.Error())
	}
	for _, r := range readers {
		out.Processes = append(out.Processes, r.Holder)
	}
	if out.Stage == secrets.Replace && len(readers) > 1 && !o.Force {
		return Rotated{}, fmt.Errorf("%d processes serve: %s.\nThose that are not restarted yet could not open what the others seal. "+
			"Rotate in steps: identityd secrets rotate --stage add, restart all, --stage promote, restart all, --stage drop",
			len(readers), strings.Join(out.Processes, ", "))
	}
	if err := out.turn(f, kinds, needs, readers, o.Force); err != nil {
		return Rotated{}, err
	}
	if !out.Changed || o.DryRun {
		return out, nil
	}
	if o.Out == nil {
		return out, f.Save()
	}
	raw, err := f.Bytes()
	if err != nil {
		return Rotated{}, err
	}
	return out, o.Out(raw)
}

// turn changes the lists.
func (out *Rotated) turn(f *secrets.File, kinds []string, needs []sealing.Need, readers []sealing.Reader, force bool) error {
	now := time.Now()
	var refused, idle []string
	for _, kind := range kinds {
		list := f.List(kind)
		print := func(s secrets.Secret) string { return secrets.Fingerprint(kind, s.Value) }
		r := Rotation{Kind: kind, Dropped: []string{}, Kept: map[string][]string{}}
		if out.Stage == secrets.Promote && !force {
			if err := known(list, kind, readers); err != nil {
				return err
			}
		}
		next, err := secrets.Rotate(list, out.Stage, now, func(s secrets.Secret) bool {
			i := slices.IndexFunc(needs, func(n sealing.Need) bool { return n.Kind == kind && n.Fingerprint == print(s) })
			if i < 0 || !needs[i].Needed(now) {
				return false
			}
			r.Kept[print(s)] = needs[i].Reasons(now)
			for _, why := range needs[i].Reasons(now) {
				refused = append(refused, kind+" "+print(s)+": "+why)
			}
			return !force
		})
		switch {
		case errors.Is(err, secrets.ErrPending):
			return fmt.Errorf("secrets.%s: %w; restart all processes and go on with --stage promote", kind, err)
		case errors.Is(err, secrets.ErrNothingPending):
			idle = append(idle, kind)
			next = list
		case err != nil:
			return err
		}
		r.Sealing = print(next[0])
		for _, s := range next {
			if !slices.Contains(list, s) {
				r.Added = print(s)
			}
		}
		for _, s := range list {
			if !slices.Contains(next, s) {
				r.Dropped = append(r.Dropped, print(s))
			}
		}
		if !slices.Equal(list, next) {
			out.Changed = true
			f.Set(kind, next)
		}
		out.Lists = append(out.Lists, r)
	}
	if !out.Changed && len(refused) > 0 {
		return &StillNeededError{refused}
	}
	if out.Stage == secrets.Promote && len(idle) == len(kinds) {
		return fmt.Errorf("%w in %s; begin with --stage add", secrets.ErrNothingPending, strings.Join(idle, ", "))
	}
	return nil
}

// known refuses to promote a secret that a serving process would not know.
func known(list []secrets.Secret, kind string, readers []sealing.Reader) error {
	i := secrets.Pending(list)
	if i < 0 {
		return nil
	}
	added := sealing.Secret{Kind: kind, Fingerprint: secrets.Fingerprint(kind, list[i].Value)}
	if who := sealing.Strangers(readers, []sealing.Secret{added}); len(who) > 0 {
		return fmt.Errorf("a serving process does not know the new secret yet: %s.\nRestart it with the file as it is, then promote",
			strings.Join(who, ", "))
	}
	return nil
}
