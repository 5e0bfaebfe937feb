package ui

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"example.com/identityd/internal/identity"
)

type dataPage struct {
	layout
	Guard guard
	// Confirm is where a person has to prove who they are first; empty when they just did.
	Confirm  string
	Deletion string // where the account is deleted, or empty
}

func (u *UI) showData(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	page := dataPage{
		layout: u.inAccount(u.layout(r, "Your data"), u.printer(r), dataPath),
		Guard:  u.guard(w, r, purposeData, s),
	}
	if !u.fresh(s) {
		page.Confirm = u.proveAgain(dataPath)
	}
	if u.cfg.AccountRules.Deletion {
		page.Deletion = deletePath
	}
	return render(w, http.StatusOK, u.pages.Data, page)
}

// downloadData sends everything that is kept of a person, but for secrets. A stolen session is not
// enough for it.
func (u *UI) downloadData(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	if err := u.checkGuard(w, r, purposeData, s); err != nil {
		return err
	}
	if !u.fresh(s) {
		return redirect(w, u.proveAgain(dataPath))
	}
	data, err := u.cfg.Data.Export(r.Context(), s.Identity.ID, s.ID)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the data of a person: %w", err)
	}
	u.note(r, "AccountExported", s.Identity.ID, "", nil)
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="account-`+time.Now().UTC().Format("2006-01-02")+`.json"`)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
	return nil
}
