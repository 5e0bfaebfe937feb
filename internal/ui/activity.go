package ui

import (
	"context"
	"net/http"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// activityPage is what happened to an account, so that its person notices what was not them.
type activityPage struct {
	layout
	Rows     []activityRow
	Pager    pager
	Password string // where a password is changed; empty where there is none to change
}

type activityRow struct {
	Icon, Title string
	When        *when
	// Failed says that it did not work, and Others that an administrator did it.
	Failed, Others          bool
	Device, Address, Method string
	Times                   int
}

func (u *UI) showActivity(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	if u.cfg.Activity == nil {
		return u.notFound(w, r)
	}
	number := pageNumber(r)
	found, more, err := u.cfg.Activity.Activity(r.Context(), s.Identity.ID, number, perPage)
	if err != nil {
		return err
	}
	p := u.printer(r)
	total := number * perPage
	if more {
		total++
	}
	page := activityPage{
		layout: u.inAccount(u.layout(r, "Recent activity"), p, accountPath),
		Pager:  newPager(activityPath, number, total),
	}
	if u.cfg.Settings && u.cfg.AccountRules.Factors.Password {
		page.Password = settingsPath
	}
	names := map[string]string{}
	for _, a := range found {
		page.Rows = append(page.Rows, u.activityRow(r.Context(), p, a, names))
	}
	return render(w, http.StatusOK, u.pages.Activity, page)
}

func (u *UI) activityRow(ctx context.Context, p *locale.Printer, a identity.Activity, names map[string]string) activityRow {
	// These say it by their title.
	failed := a.Failed && a.Kind != "LoginFailed" && a.Kind != "ConsentRefused"
	row := activityRow{When: minute(p, a.At), Failed: failed, Others: a.ByOthers, Times: a.Count}
	if a.Device.IPAddress != "" || a.Device.UserAgent != "" {
		d := deviceOf(&identity.Session{Devices: []identity.Device{a.Device}})
		row.Device, row.Address = d.title(p), d.Address
	}
	if a.Client != "" {
		if _, known := names[a.Client]; !known {
			names[a.Client] = u.nameOf(ctx, a.Client)
		}
	}
	if a.Kind == "LoginSucceeded" && a.Method != "" {
		row.Method = methodName(p, identity.Method{Method: a.Method, Provider: a.What})
	}
	row.Icon, row.Title = activityTitle(p, a, names[a.Client])
	return row
}

// nameOf is how people know an application. One that is gone has its id left.
func (u *UI) nameOf(ctx context.Context, id string) string {
	c, err := u.cfg.OAuth2.Client(ctx, id)
	if err != nil {
		return plain(id, maxShort)
	}
	return clientName(*c)
}

// activityTitle says what happened.
func activityTitle(p *locale.Printer, a identity.Activity, app string) (icon, title string) {
	factor := methodName(p, identity.Method{Method: a.What})
	provider := methodName(p, identity.Method{Method: "oidc", Provider: a.What})
	switch a.Kind {
	case "LoginSucceeded":
		return "key", p.Text("Signed in")
	case "LoginFailed":
		return "warning", p.Text("Sign-in that did not succeed")
	case "RegistrationSucceeded":
		return "person", p.Text("Account created")
	case "SessionRevoked":
		return "out", p.Text("Signed out")
	case "SessionEnded":
		switch a.What {
		case "others":
			return "out", p.Text("All other devices were signed out")
		case "all":
			return "out", p.Text("All devices were signed out")
		}
		return "out", p.Text("A device was signed out")
	case "ConsentGranted":
		return "apps", p.Text("%s was given access", app)
	case "ConsentRefused":
		return "apps", p.Text("%s was not given access", app)
	case "ApplicationRevoked":
		return "apps", p.Text("Access of %s was taken back", app)
	case "PasswordChanged":
		return "lock", p.Text("Password changed")
	case "FactorAdded":
		return "shield", p.Text("Added: %s", factor)
	case "FactorRemoved":
		return "shield", p.Text("Removed: %s", factor)
	case "ProviderLinked":
		return "link", p.Text("Connected: %s", provider)
	case "ProviderUnlinked":
		return "link", p.Text("Disconnected: %s", provider)
	case "ProfileChanged":
		return "person", p.Text("Profile changed")
	case "RecoverySucceeded":
		return "mail", p.Text("Account recovered by mail")
	case "VerificationSucceeded":
		return "mail", p.Text("Address confirmed")
	case "AccountExported":
		return "download", p.Text("Data downloaded")
	default:
		return "settings", p.Text("Settings changed")
	}
}
