package uitest

import (
	"context"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ui"
)

// allGrants are engines as ui.Grants, whose method has the name of the interface.
type allGrants struct {
	engines
	others
}

type others struct{ ui.Grants }

// SessionsOf implements ui.Account.
func (e engines) SessionsOf(_ context.Context, _ string, page, size int) ([]identity.Session, int, error) {
	w := e.stage.world()
	if _, err := answer(w, &w, identity.NotFound); err != nil {
		return nil, 0, err
	}
	all := w.Sessions
	if w.Session != nil {
		all = append([]identity.Session{*w.Session}, all...)
	}
	from := min((page-1)*size, len(all))
	return all[from:min(from+size, len(all))], len(all), nil
}

// FactorsOf implements ui.Account.
func (e engines) FactorsOf(context.Context, string) ([]identity.Factor, error) {
	w := e.stage.world()
	_, err := answer(w, &w, identity.NotFound)
	return w.Factors, err
}

// Grants implements ui.Grants.
func (e allGrants) Grants(context.Context, string) ([]identity.Grant, error) {
	w := e.stage.world()
	_, err := answer(w, &w, identity.NotFound)
	return w.Grants, err
}

// Activity implements ui.Activity.
func (e engines) Activity(_ context.Context, _ string, page, size int) ([]identity.Activity, bool, error) {
	w := e.stage.world()
	if _, err := answer(w, &w, identity.NotFound); err != nil {
		return nil, false, err
	}
	from := min((page-1)*size, len(w.Activity))
	to := min(from+size, len(w.Activity))
	return w.Activity[from:to], to < len(w.Activity), nil
}

// Export implements ui.Data.
func (engines) Export(_ context.Context, person, _ string) (any, error) {
	return map[string]string{"id": person}, nil
}

// Traces implements ui.Data.
func (engines) Traces(context.Context, string) (func(context.Context) error, error) {
	return func(context.Context) error { return nil }, nil
}
