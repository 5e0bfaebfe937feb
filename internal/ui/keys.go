package ui

import (
	"strings"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// keyRow is one passkey, security key or account elsewhere, and the form that takes it away or adds it.
type keyRow struct {
	ID, Name, Note, Icon string
	// Badge says that it is in use.
	Badge string
	Form  form
}

// keys takes the buttons that remove keys out of a group: one among them would be what the Enter key
// presses in the field for the name of a new one.
func (b *sectionBuilder) keys(group nodeGroup) ([]keyRow, nodeGroup) {
	rest := nodeGroup{name: group.name}
	var rows []keyRow
	for _, node := range group.nodes {
		if !strings.HasSuffix(node.Attributes.Name, "_remove") || node.Attributes.Type != "submit" {
			rest.nodes = append(rest.nodes, node)
			continue
		}
		r := keyRow{ID: b.id("key"), Name: keyName(b.say, node), Note: added(b.say, node), Icon: group.name}
		if node.Attributes.Disabled {
			r.Note = b.say.Text("This is your only way to sign in, so it stays.")
		}
		r.Form = b.single(node, b.say.Text("Remove"), r.ID, "small danger")
		rows = append(rows, r)
	}
	return rows, rest
}

// providers lists the accounts elsewhere, connected or not.
func (b *sectionBuilder) providers(group nodeGroup) []keyRow {
	var rows []keyRow
	for _, node := range group.nodes {
		if node.Type != "input" || node.Attributes.Type == "hidden" {
			continue
		}
		r := keyRow{ID: b.id("key"), Name: providerName(node), Icon: providerIcon(node)}
		if r.Name == "" {
			r.Name = buttonLabel(b.say, node)
		}
		switch node.Attributes.Name {
		case "unlink":
			r.Badge = b.say.Text("Connected")
			r.Form = b.single(node, b.say.Text("Disconnect"), r.ID, "small danger")
		case "link":
			r.Form = b.single(node, b.say.Text("Connect"), r.ID, "small")
		default:
			r.Form = b.single(node, buttonLabel(b.say, node), "", "small")
		}
		rows = append(rows, r)
	}
	return rows
}

// single is a form with one button.
func (b *sectionBuilder) single(node identity.Node, label, about, class string) form {
	f := form{ID: b.id("form"), Action: b.action, Buttons: []button{{
		Name: node.Attributes.Name, Value: valueText(node.Attributes.Value), Label: label,
		Disabled: node.Attributes.Disabled, DescribedBy: about, Class: class,
	}}}
	for _, each := range csrfFirst(b.shared.nodes) {
		b.add(&f, each, false)
	}
	return f
}

func keyName(p *locale.Printer, node identity.Node) string {
	name := ""
	if node.Meta.Label != nil {
		name = plain(valueText(node.Meta.Label.Context["display_name"]), maxName)
	}
	switch {
	case name != "" && name != "unnamed": // what Kratos says of a key without a name
		return name
	case node.Group == "passkey":
		return p.Text("Passkey")
	default:
		return p.Text("Security key")
	}
}

func added(p *locale.Printer, node identity.Node) string {
	if node.Meta.Label == nil {
		return ""
	}
	at, err := time.Parse(time.RFC3339, valueText(node.Meta.Label.Context["added_at"]))
	if err != nil || at.Year() < 2000 { // keys of older releases have no date
		return ""
	}
	return p.Text("Added on %s", p.Date(at))
}

func keysLead(p *locale.Printer, group string) string {
	if group == "passkey" {
		return p.Text("A passkey signs you in with your fingerprint, your face or the lock of your device. There is no password to forget or to steal.")
	}
	return p.Text("A security key is a small device that you plug in or hold near your phone.")
}
