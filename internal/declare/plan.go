package declare

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNotFound is the answer of a Registry for what the server does not know.
var ErrNotFound = errors.New("no such thing")

// ErrExists is the answer of Create for what is taken.
var ErrExists = errors.New("it exists already")

// Do is what has to be done with one thing.
type Do string

// What may have to be done.
const (
	Create     Do = "create"
	Update     Do = "update"
	Delete     Do = "delete"
	Deactivate Do = "deactivate"
	// Adopt takes over what somebody else made.
	Adopt Do = "adopt"
	// Refuse leaves something as it is, because somebody else made it.
	Refuse Do = "refuse"
	// note writes down what is so already.
	note Do = "note"
	// forget drops what is no longer there.
	forget Do = "forget"
)

// Past says that it was done.
func (d Do) Past() string {
	switch d {
	case Create, Update, Delete, Deactivate:
		return string(d) + "d"
	case Adopt:
		return "adopted"
	}
	return string(d)
}

// Action is what has to be done with one thing.
type Action struct {
	Do   Do     `json:"do"`
	Kind Kind   `json:"kind"`
	Name string `json:"name"`
	// Changes are the words that differ.
	Changes []Change `json:"changes"`
	// Drift says that somebody changed it since it was written, by other means than the file.
	Drift bool `json:"drift"`
	// Changed says that the file says something else than when it was written.
	Changed bool `json:"changed"`
	// By and At are who changed it by hand, and when, where that is known.
	By string     `json:"by,omitempty"`
	At *time.Time `json:"at,omitempty"`
	// HeldBack says that nothing but identityd apply does it.
	HeldBack bool   `json:"held_back"`
	Reason   string `json:"reason,omitempty"`

	want   Want
	held   *Held
	row    Row
	sums   sums
	secret bool
}

// Plan is what has to be done so that the server has what the file says.
type Plan struct {
	Actions []Action `json:"actions"`
	// Unchanged counts what is as the file says.
	Unchanged int `json:"unchanged"`
	quiet     []Action
}

// Changes says whether there is anything to do.
func (p Plan) Changes() bool { return len(p.Actions) > 0 }

// Sum tells one plan from another.
func (p Plan) Sum() string {
	raw, err := json.Marshal(p)
	if err != nil {
		return "" // nothing in it can fail
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// How says what may be done without being asked.
type How struct {
	// Asked says that a person saw the plan: whatever is in it is done.
	Asked bool
	// Repair takes back what was changed by hand, without being asked.
	Repair bool
	// Adopt takes over what somebody else made.
	Adopt bool
	// DeleteIdentities removes people who left the file, instead of leaving them deactivated.
	DeleteIdentities bool
}

// Reconciler compares what a file declares with what servers have.
type Reconciler struct {
	// Owner is the name of the file: what another one made is not touched.
	Owner      string
	Registries map[Kind]Registry
	Ledger     Ledger
	// Keys are of 32 bytes or more, the same on every replica and used for nothing else. The first one is used;
	// under older ones a thing is unchanged as well: replicas in the middle of a rotation would otherwise
	// update each other's in turn.
	Keys [][]byte
	// Reader tells who changed something last; nil knows nobody.
	Who func(ctx context.Context, kind Kind, name, ref string) (by string, at time.Time, ok bool)
	// Report is called for what was done; nil is allowed.
	Report func(ctx context.Context, a Action)
}

const shortestKey = 32

// Check returns what is impossible to declare.
func Check(want []Want) error {
	var failures []error
	seen := map[[2]string]bool{}
	for _, w := range want {
		id := [2]string{string(w.Kind()), w.Name()}
		if err := w.check(); err != nil {
			failures = append(failures, err)
		} else if seen[id] {
			failures = append(failures, fmt.Errorf("%s: declared twice; every one needs a name of its own", title(w.Kind(), w.Name())))
		}
		seen[id] = true
	}
	return errors.Join(failures...)
}

func title(kind Kind, name string) string {
	if kind == KindClient {
		return fmt.Sprintf("OAuth2 client %q", name)
	}
	return fmt.Sprintf("identity %q", name)
}

// Plan compares. It changes nothing.
func (r *Reconciler) Plan(ctx context.Context, want []Want, how How) (Plan, error) {
	for _, k := range r.Keys {
		if len(k) < shortestKey {
			return Plan{}, fmt.Errorf("declaring: the key has %d bytes, want at least %d", len(k), shortestKey)
		}
	}
	if err := Check(want); err != nil {
		return Plan{}, err
	}
	rows, err := r.Ledger.Rows(ctx)
	if err != nil {
		return Plan{}, err
	}
	known := map[[2]string]Row{}
	for _, row := range rows {
		known[[2]string{string(row.Kind), row.Name}] = row
	}
	plan := Plan{Actions: []Action{}}
	declared := map[[2]string]bool{}
	for _, w := range want {
		id := [2]string{string(w.Kind()), w.Name()}
		declared[id] = true
		a, err := r.compare(ctx, w, known[id], how)
		if err != nil {
			return Plan{}, fmt.Errorf("%s: %w", title(w.Kind(), w.Name()), err)
		}
		plan.add(a)
	}
	var left []Action
	for _, row := range rows {
		if row.Owner != r.Owner || declared[[2]string{string(row.Kind), row.Name}] {
			continue
		}
		a, err := r.left(ctx, row, how)
		if err != nil {
			return Plan{}, fmt.Errorf("%s: %w", title(row.Kind, row.Name), err)
		}
		left = append(left, a)
	}
	for _, a := range bounded(left, rows, want, r.Owner) {
		plan.add(a)
	}
	return plan, nil
}

func (p *Plan) add(a Action) {
	switch a.Do {
	case "":
		p.Unchanged++
	case note, forget:
		p.quiet = append(p.quiet, a)
		if a.Do == note {
			p.Unchanged++
		}
	default:
		if a.Changes == nil {
			a.Changes = []Change{}
		}
		p.Actions = append(p.Actions, a)
	}
}

// bounded holds back what a truncated file would remove: all of a kind, or more than half of it. One alone
// may always go, unless it was the last one.
func bounded(left []Action, rows []Row, want []Want, owner string) []Action {
	gone, had, has := map[Kind]int{}, map[Kind]int{}, map[Kind]int{}
	for _, row := range rows {
		if row.Owner == owner && row.Left.IsZero() {
			had[row.Kind]++
		}
	}
	for _, w := range want {
		has[w.Kind()]++
	}
	for _, a := range left {
		if a.Do != forget && a.row.Left.IsZero() {
			gone[a.Kind]++
		}
	}
	for i := range left {
		a := &left[i]
		if a.Do == "" || a.Do == forget || !a.row.Left.IsZero() {
			continue
		}
		n := gone[a.Kind]
		switch {
		case has[a.Kind] == 0:
			a.HeldBack, a.Reason = true, "the file declares none any more"
		case n > 1 && n > had[a.Kind]/2:
			a.HeldBack, a.Reason = true, fmt.Sprintf("%d of %d left the file at once", n, had[a.Kind])
		}
	}
	return left
}

// compare says what has to be done with one that the file declares.
func (r *Reconciler) compare(ctx context.Context, w Want, row Row, how How) (Action, error) {
	a := Action{Kind: w.Kind(), Name: w.Name(), want: w, row: row}
	var err error
	if a.sums, err = w.sums(r.Keys); err != nil {
		return a, err
	}
	reg := r.Registries[a.Kind]
	ref := ""
	if row.Owner == r.Owner {
		ref = row.Ref
	}
	a.held, err = reg.Get(ctx, w, ref)
	if errors.Is(err, ErrNotFound) {
		a.held, err = reg.Find(ctx, w)
	}
	switch {
	case errors.Is(err, ErrNotFound) && row.Owner != "" && row.Owner != r.Owner && row.Left.IsZero() && !how.Adopt:
		// The ledger has one row for a name: with this one, the other file would never see its own leave.
		a.held, a.Do = nil, Refuse
		a.Reason = fmt.Sprintf("another file, %q, has somebody under this name", shorten(row.Owner))
		return a, nil
	case errors.Is(err, ErrNotFound):
		a.held, a.Do, a.Changed = nil, Create, true
		if row.Owner == r.Owner {
			a.Changed, a.Drift, a.Reason = false, true, "it was removed by other means than the file"
		}
		return a, nil
	case err != nil:
		return a, fmt.Errorf("reading: %w", err)
	}
	mine := a.held.Mark.Owner == r.Owner && (a.Kind == KindClient || a.held.Mark.Key == a.Name)
	if row.Owner == r.Owner && row.Ref == a.held.Ref {
		mine = true // whatever became of the mark
	}
	if !mine {
		return r.foreign(a, how), nil
	}
	r.own(ctx, &a)
	return a, nil
}

// own says what differs of one that the file made.
func (r *Reconciler) own(ctx context.Context, a *Action) {
	written, secret := a.row.Digest, a.row.Secret
	if a.row.Owner != r.Owner { // before there was a ledger, or between the two
		written, secret = a.held.Mark.Digest, ""
		if slices.Contains(a.sums.whole, written) {
			secret = a.sums.secret[0]
		}
		a.row = Row{Found: a.held.Sum}
	}
	a.Changed = !slices.Contains(a.sums.whole, written)
	a.secret = !slices.Contains(a.sums.secret, secret) && a.want.secret() != ""
	a.Drift = a.row.Found != a.held.Sum
	if a.Kind == KindIdentity && a.Changed {
		a.Drift = false // another file looks at other parts of a person
	}
	a.Changes = differ(a.held.Values, a.want.values())
	if a.secret {
		a.Changes = append(a.Changes, Change{Word: secretWord(a.Kind)})
	}
	switch {
	case !a.Changed && !a.Drift && a.row.Ref == a.held.Ref && a.row.Left.IsZero():
	case len(a.Changes) == 0 && !a.Drift:
		a.Do = note
	default:
		if a.Do = Update; len(a.Changes) == 0 {
			a.Changes = []Change{{Word: "what the file has no word for, or its secret"}}
		}
		if a.Drift && a.Kind == KindClient {
			a.secret = a.want.secret() != ""
		}
	}
	if a.Drift {
		r.who(ctx, a)
	}
}

func secretWord(kind Kind) string {
	if kind == KindClient {
		return "secret"
	}
	return "password_hash_file"
}

func (r *Reconciler) who(ctx context.Context, a *Action) {
	if r.Who == nil {
		return
	}
	if by, when, ok := r.Who(ctx, a.Kind, a.Name, a.held.Ref); ok {
		a.By, a.At = by, &when
	}
}

// foreign says what to do with one that somebody else made.
func (r *Reconciler) foreign(a Action, how How) Action {
	owner := a.held.Mark.Owner
	if a.row.Owner != "" && a.row.Owner != r.Owner && a.row.Ref == a.held.Ref {
		owner = a.row.Owner
	}
	if how.Adopt {
		a.Do, a.Changes, a.secret = Adopt, differ(a.held.Values, a.want.values()), a.want.secret() != ""
		if a.secret {
			a.Changes = append(a.Changes, Change{Word: secretWord(a.Kind)})
		}
		return a
	}
	a.Do = Refuse
	switch {
	case owner != "" && owner != r.Owner:
		a.Reason = fmt.Sprintf("it exists already and belongs to %q", shorten(owner))
	case owner != "":
		a.Reason = fmt.Sprintf("it exists already and is %q of this file", shorten(a.held.Mark.Key))
	default:
		a.Reason = "it exists already and was not made by this file"
	}
	return a
}

// left says what to do with one that left the file.
func (r *Reconciler) left(ctx context.Context, row Row, how How) (Action, error) {
	a := Action{Kind: row.Kind, Name: row.Name, row: row}
	w := Want{Client: &Client{ID: row.Name}}
	if row.Kind == KindIdentity {
		w = Want{Identity: &Identity{Key: row.Name}}
	}
	var err error
	a.held, err = r.Registries[row.Kind].Get(ctx, w, row.Ref)
	if errors.Is(err, ErrNotFound) || err == nil && a.held.Ref != row.Ref && a.held.Mark.Owner != r.Owner {
		a.Do = forget // it is gone, or another one of the same name
		return a, nil
	}
	if err != nil {
		return a, fmt.Errorf("reading: %w", err)
	}
	switch {
	case row.Kind == KindClient:
		a.Do = Delete
	case how.DeleteIdentities:
		a.Do, a.HeldBack = Delete, true
	case row.Left.IsZero():
		a.Do = Deactivate
	}
	return a, nil
}
