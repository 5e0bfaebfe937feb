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
	Triggers bool
	Sections []section
}

// section is what one method has to offer: a state, a sentence, what is there already, and forms.
type section struct {
	ID, Heading string
	// Lead says what this is for, or what comes next.
	Lead string
	// State says that the method is in use.
	State string
	// Keys are what can be taken away one by one.
	Keys []keyRow
	// Codes are recovery codes to be kept.
	Codes *codes
	Forms []form
	// First is where something has to be done before this.
	First *link
}

func (u *UI) showSettings(w http.ResponseWriter, r *http.Request, f *identity.Flow) error {
	if err := u.checkAction(f); err != nil {
		return err
	}
	p := u.printer(r)
	page := renderSections(p, f)
	u.unknownNodes(r, page.unknown)
	for i := range page.sections {
		if c := page.sections[i].Codes; c != nil {
			c.CSRF = u.csrf.token(w, r, purposeCodes, "")
		}
	}
	u.setCSP(w, u.leaves(identity.Settings, f))
	shown := settingsPage{
		layout:   u.layoutOf(r, title(p, identity.Settings, f)).with(page.script),
		Alert:    page.alert,
		Notices:  notices(p, f.UI.Messages),
		Triggers: page.triggers,
		Sections: page.sections,
	}
	shown.Nav = u.accountNav(p, settingsPath)
	shown.Onward = u.onwardBeside(r, identity.Settings, f)
	return render(w, http.StatusOK, u.pages.Settings, shown)
}

// messageRecovered tells that a recovery led here (Kratos: text/id.go).
const messageRecovered = 1060001

// sectionOrder is that of ui.md B1. Groups that are not listed come after these.
func sectionOrder() []string {
	return []string{"profile", "password", "oidc", "saml", "lookup_secret", "webauthn", "passkey", "totp"}
}

type renderedSections struct {
	sections []section
	alert    alert
	extra
}

// renderSections turns the nodes of a settings flow into sections with forms of their own, each with the
// shared nodes: saving one section must not send what was typed into another.
func renderSections(p *locale.Printer, f *identity.Flow) renderedSections {
	b := sectionBuilder{builder: builder{say: p, action: f.UI.Action, ids: map[string]bool{}}}
	b.groups = groupNodes(newPassword(p, f.UI.Nodes))
	b.shared = b.groups.take("default")
	b.groups.order(sectionOrder())
	if slices.ContainsFunc(f.UI.Messages, func(m identity.Message) bool { return m.ID == messageRecovered }) {
		// After recovery the page asks for a new password: that comes first then.
		slices.SortStableFunc(b.groups, func(x, y nodeGroup) int {
			return cmp.Compare(boolRank(x.name != "password"), boolRank(y.name != "password"))
		})
	}
	b.factors = factorsOf(f.UI.Nodes)
	var out renderedSections
	var forms []form
	for _, group := range b.groups {
		s := b.section(group)
		if len(s.Keys) == 0 && s.Codes == nil && len(s.Forms) == 0 && s.First == nil {
			continue // a script, which is no section
		}
		out.sections = append(out.sections, s)
		forms = append(forms, s.Forms...)
	}
	out.alert, out.extra = b.finish(forms, f.UI.Messages), b.extra
	return out
}

type sectionBuilder struct {
	builder
	shared  nodeGroup
	factors factors
	// codesID is the section of recovery codes.
	codesID string
}

// sectionAnchor is where the section of a method is on the page, for links of other pages.
func sectionAnchor(group string) string { return "section-" + group }

func (b *sectionBuilder) section(group nodeGroup) section {
	b.primary = false
	s := section{ID: b.id(sectionAnchor(group.name)), Heading: sectionName(b.say, group.name)}
	switch group.name {
	case "oidc", "saml":
		s.Keys = b.providers(group)
	case "webauthn", "passkey":
		s.Lead = keysLead(b.say, group.name)
		s.Keys, group = b.keys(group)
		s.Forms = b.forms(group)
	case "lookup_secret":
		b.codesID = s.ID
		b.recoveryCodes(&s, group)
	case "totp":
		if b.factors.codesMissing && b.factors.totpMissing {
			s.Lead = b.say.Text("First get recovery codes and keep them: without them, a lost phone is a lost account. The authenticator app comes next.")
			s.First = &link{Label: b.say.Text("Go to the recovery codes"), Href: "#" + b.codesID}
			break
		}
		s.Lead = b.factors.totpLead(b.say)
		if !b.factors.totpMissing {
			s.State = b.say.Text("On")
		}
		s.Forms = b.forms(group)
	default:
		s.Forms = b.forms(group)
	}
	return s
}

// forms builds the form of a section, if there is anything in it.
func (b *sectionBuilder) forms(group nodeGroup) []form {
	built := b.form(b.shared, group)
	for i := range built.Buttons {
		// Saving is what a section is for; what takes a method away must not stand out.
		built.Buttons[i].Primary = built.Buttons[i].Primary && built.Buttons[i].Name == "method"
	}
	if len(built.Buttons) == 0 {
		return nil
	}
	return []form{built}
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
		return p.Text("Recovery codes")
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
