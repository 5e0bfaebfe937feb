package stack

import (
	"context"
	"net/http"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/doctor"
)

// doctorDeclared asks the process that serves from a folder what differs from what the file declares.
func doctorDeclared(dataDir string) func(context.Context) ([]doctor.Declared, error) {
	return func(ctx context.Context) ([]doctor.Declared, error) {
		c, err := control.Dial(dataDir)
		if err != nil {
			return nil, err
		}
		var plan DeclaredPlan
		if err := c.Call(ctx, http.MethodGet, "/declared", nil, &plan); err != nil {
			return nil, err
		}
		var out []doctor.Declared
		for _, a := range plan.Actions {
			out = append(out, doctor.Declared{What: string(a.Kind) + " " + a.Name, Drift: a.Drift, HeldBack: a.HeldBack, By: a.By})
		}
		return out, nil
	}
}
