package stack

import (
	"context"
	"strconv"
	"strings"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ui"
)

// reader reads the trail; nil for a database in memory.
func (k keys) reader(t turns) (*audit.Reader, error) {
	if t.db == nil {
		return nil, nil //nolint:nilnil // there is none
	}
	wraps, err := k.auditWraps()
	if err != nil {
		return nil, err
	}
	return audit.NewReader(t.db, wraps), nil
}

// activities keeps a reader that is nil from becoming an interface that is not.
func activities(r *audit.Reader) ui.Activity {
	if r == nil {
		return nil
	}
	return activity{r, personKinds()}
}

// activity is what people see of the trail.
type activity struct {
	reader *audit.Reader
	kinds  []string
}

func personKinds() []string {
	var out []string
	kinds := audit.Kinds()
	for _, name := range audit.KindNames() {
		if kinds[name].Person {
			out = append(out, name)
		}
	}
	return out
}

// Activity implements ui.Activity.
func (a activity) Activity(ctx context.Context, person string, page, size int) ([]identity.Activity, bool, error) {
	list, err := a.reader.Latest(ctx, audit.Filter{Subject: person, Kinds: a.kinds}, (page-1)*size, size+1)
	if err != nil {
		return nil, false, err
	}
	more := len(list) > size
	out := make([]identity.Activity, 0, size)
	for _, r := range list[:min(len(list), size)] {
		one := identity.Activity{
			At: r.When(), Kind: r.Kind, Failed: r.Outcome == audit.Failed || r.Outcome == audit.Refused,
			ByOthers: strings.HasPrefix(r.Actor, audit.ActorAdmin) || strings.HasPrefix(r.Actor, audit.ActorCommand),
			Client:   r.Client, Method: r.Detail("method"), What: r.Detail("what"),
			Device: identity.Device{IPAddress: r.Address, UserAgent: r.Agent},
		}
		if one.ByOthers {
			one.Device = identity.Device{} // the address of an administrator is not the person's business
		}
		if r.Kind == audit.SessionEnded {
			one.What = r.Detail("which")
		}
		if p := r.Detail("provider"); p != "" {
			one.What = p
		}
		if n, err := strconv.Atoi(r.Detail("count")); err == nil {
			one.Count = n
		}
		out = append(out, one)
	}
	return out, more, nil
}
