package ui

import (
	"cmp"
	"net/http"
	"slices"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// settingsPage shows what a person may change of their account, one section per method.
type settingsPage struct {
	layout
	Alert    alert
	Notices  []notice
	Sections []section
}

type section struct {
	ID, Heading string
	Form        form
}

func (u *UI) showSettings(w http.ResponseWriter, r *http.Request, f *identity.Flow) error {
	p := u.printer(r)
	if err := u.checkAction(f); err != nil {
		return err
	}
	sections, alert := renderSections(p, f)
	u.setCSP(w, u.leaves(identity.Settings, f))
	return render(w, http.StatusOK, u.pages.Settings, settingsPage{
		layout:   u.layoutOf(r, title(p, identity.Settings, f)),
		Alert:    alert,
		Notices:  notices(p, f.UI.Messages),
		Sections: sections,
	})
}

// messageRecovered tells that a recovery led here (Kratos: text/id.go).
const messageRecovered = 1060001

// sectionOrder is that of ui.md B1. Groups that are not listed come after these.
func sectionOrder(group string) int {
	order := []string{
		"profile", "password", "oidc", "saml", "lookup_secret", "webauthn", "passkey", "totp",
	}
	if i := slices.Index(order, group); i >= 0 {
		return i
	}
	return len(order)
}

// renderSections turns the nodes of a settings flow into one form per method, each with the shared
// nodes: saving one section must not send what was typed into another.
func renderSections(p *locale.Printer, f *identity.Flow) ([]section, alert) {
	b := builder{say: p, action: f.UI.Action, ids: map[string]bool{}}
	b.groups = groupNodes(newPassword(p, f.UI.Nodes))
	shared := b.groups.take("default")
	recovered := slices.ContainsFunc(f.UI.Messages, func(m identity.Message) bool { return m.ID == messageRecovered })
	slices.SortStableFunc(b.groups, func(x, y nodeGroup) int {
		// After recovery the page asks for a new password: that comes first then.
		if recovered && (x.name == "password") != (y.name == "password") {
			if x.name == "password" {
				return -1
			}
			return 1
		}
		return cmp.Compare(sectionOrder(x.name), sectionOrder(y.name))
	})
	var sections []section
	var forms []form
	for _, group := range b.groups {
		b.primary = false
		built := b.form(shared, group)
		for i := range built.Buttons {
			// Saving is what a section is for; what takes a method away must not stand out.
			built.Buttons[i].Primary = built.Buttons[i].Primary && built.Buttons[i].Name == "method"
		}
		if len(built.Buttons) == 0 {
			continue // what is left of a method that only a script could use
		}
		sections = append(sections, section{ID: b.id("section"), Heading: sectionName(p, group.name), Form: built})
		forms = append(forms, built)
	}
	return sections, b.finish(forms, f.UI.Messages)
}

// newPassword says which password is meant: Kratos calls the field as it does at sign-in.
func newPassword(p *locale.Printer, nodes []identity.Node) []identity.Node {
	nodes = slices.Clone(nodes)
	for i, node := range nodes {
		if node.Group == "password" && node.Attributes.Type == "password" {
			nodes[i].Meta.Label = &identity.Message{Text: p.Text("New password")}
		}
	}
	return nodes
}

func sectionName(p *locale.Printer, group string) string {
	switch group {
	case "profile":
		return p.Text("Profile")
	case "password":
		return p.Text("Password")
	case "oidc", "saml":
		return p.Text("Connected accounts")
	case "lookup_secret":
		return p.Text("Backup codes")
	case "webauthn":
		return p.Text("Security keys")
	case "passkey":
		return p.Text("Passkeys")
	case "totp":
		return p.Text("Authenticator app")
	default:
		return label(p, identity.Node{Attributes: identity.Attributes{Name: group}})
	}
}
