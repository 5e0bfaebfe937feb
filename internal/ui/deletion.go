package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

type deletionPage struct {
	layout
	Guard   guard
	Account string
	Confirm string // where a person has to prove who they are first; empty when they just did
	// Missing says that the box was not ticked.
	Missing bool
}

type deletedPage struct{ layout }

func (u *UI) showDeletion(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	if !u.cfg.AccountRules.Deletion {
		return u.deletionIsOff(w, r)
	}
	return u.askDeletion(w, r, s, false)
}

func (u *UI) askDeletion(w http.ResponseWriter, r *http.Request, s *identity.Session, missing bool) error {
	page := deletionPage{
		layout:  u.inAccount(u.layout(r, "Delete your account"), u.printer(r), dataPath),
		Guard:   u.guard(w, r, purposeDelete, s),
		Account: accountName(s.Identity),
		Missing: missing,
	}
	status := http.StatusOK
	if missing {
		status = http.StatusBadRequest
	}
	if !u.fresh(s) {
		page.Confirm = u.proveAgain(deletePath)
	}
	return render(w, status, u.pages.Deletion, page)
}

func (u *UI) deletionIsOff(w http.ResponseWriter, r *http.Request) error {
	p := u.printer(r)
	u.fail(w, r, problem{
		status:   http.StatusForbidden,
		title:    p.Text("Accounts cannot be deleted here"),
		sentence: p.Text("Please ask the people who run %s for help.", u.cfg.Brand.Name),
		action:   link{p.Text("Back to your data"), dataPath},
	})
	return nil
}

// deleteAccount removes a person for good. The deletion itself ends all access, by an order in its own transaction
// (docs/adr/0063-access-ends-everywhere.md): until then nothing has happened, and from then on whatever breaks off is
// carried out behind it.
func (u *UI) deleteAccount(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	if !u.cfg.AccountRules.Deletion {
		return u.deletionIsOff(w, r)
	}
	if err := u.checkGuard(w, r, purposeDelete, s); err != nil {
		return err
	}
	if !u.fresh(s) {
		return redirect(w, u.proveAgain(deletePath))
	}
	if r.PostForm.Get("sure") != "true" {
		return u.askDeletion(w, r, s, true)
	}
	ctx, person := r.Context(), s.Identity.ID
	traces, err := u.cfg.Data.Traces(ctx, person)
	if err == nil {
		if err = u.cfg.Account.DeleteIdentity(ctx, person); isCode(err, identity.NotFound) {
			err = nil
		}
	}
	if err != nil {
		say := u.printer(r)
		p := problemOf(say, err)
		p.next = say.Text("Your account is not deleted yet. Please try again.")
		p.action = link{say.Text("Try again"), deletePath}
		u.log(r, p, err)
		u.fail(w, r, p)
		return nil
	}
	u.note(r, "AccountDeleted", person, "", nil)
	// The account is gone whatever comes of it.
	if err := traces(ctx); err != nil {
		u.cfg.Log.WarnContext(ctx, "account deleted, what is left of it not removed",
			"request_id", u.cfg.RequestID(ctx), "err", redact(err.Error(), r))
	}
	u.cfg.Log.InfoContext(ctx, "account deleted by its person", "request_id", u.cfg.RequestID(ctx))
	return redirect(w, u.to(deletedPath, nil))
}

func (u *UI) showDeleted(w http.ResponseWriter, r *http.Request) error {
	return render(w, http.StatusOK, u.pages.Deleted, deletedPage{u.layout(r, "Your account is deleted")})
}
