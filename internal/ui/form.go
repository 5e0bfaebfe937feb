package ui

import (
	"cmp"
	"slices"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// button submits a form.
type button struct {
	Name, Value, Label string
	Primary            bool
	// NoValidate lets a method be used whose neighbors' required fields are empty.
	NoValidate bool
	Disabled   bool
}

// form builds one form of the shared nodes and those of one or more methods, the first of which is
// the one that the Enter key means.
func (b *builder) form(shared nodeGroup, methods ...nodeGroup) form {
	f := form{ID: b.id("form"), Action: b.action}
	f.Social = len(methods) == 1 && isSocial(methods[0].name)
	for _, node := range csrfFirst(shared.nodes) {
		b.add(&f, node, false)
	}
	for i, method := range methods {
		for _, node := range primaryFirst(method.nodes) {
			b.add(&f, node, i > 0)
		}
	}
	main := false
	for i := range f.Buttons {
		name := f.Buttons[i].Name
		again := name == "resend" || name == "screen" || name == resendAddress
		if f.Social || main || again {
			f.Buttons[i].NoValidate = true
			continue
		}
		main = true
		// One way to go on stands out, however many there are.
		f.Buttons[i].Primary = !b.primary
		b.primary = true
	}
	return f
}

// add puts a node where it belongs. A second method must not make its fields required: the person
// may mean the first.
func (b *builder) add(f *form, node identity.Node, second bool) {
	attr := node.Attributes
	switch {
	case needsScript(node):
	case attr.Type == "hidden" && attr.Name != "":
		// Also of node types that we do not know: Kratos expects its values back.
		f.Hidden = append(f.Hidden, hidden{attr.Name, valueText(attr.Value)})
	case node.Type == "input" && (attr.Type == "submit" || attr.Type == "button"):
		f.Buttons = append(f.Buttons, button{
			Name: attr.Name, Value: valueText(attr.Value), Label: buttonLabel(b.say, node),
			Disabled: attr.Disabled,
		})
	case node.Type == "input" && attr.Name != "":
		field := b.field(node)
		field.Required = field.Required && !second
		f.Rows = append(f.Rows, row{Field: field})
	case node.Type == "text":
		f.Rows = append(f.Rows, row{Text: newTextRow(b.say, node)})
	case node.Type == "img":
		if image := newImageRow(b.say, node); image != nil {
			f.Rows = append(f.Rows, row{Image: image})
		}
	case node.Type == "a":
		if anchor := newLinkRow(b.say, node); anchor != nil {
			f.Rows = append(f.Rows, row{Link: anchor})
		}
	}
}

// resendAddress is how Kratos calls the button that sends a mail of recovery or verification again:
// as the field it stands for.
const resendAddress = "email"

func sendsAgain(node identity.Node) bool {
	return node.Attributes.Name == resendAddress && node.Attributes.Type == "submit"
}

// splitResend moves the button that sends a mail again into a form of its own. In one form with the
// code, Kratos would try what was typed there instead (kratos: strategy_verification.go
// verificationHandleFormSubmission).
func (b *builder) splitResend(f form) []form {
	i := slices.IndexFunc(f.Buttons, func(each button) bool { return each.Name == resendAddress })
	if i < 0 || len(f.Buttons) == 1 {
		return []form{f}
	}
	again := form{
		ID: b.id("form"), Action: f.Action, Hidden: f.Hidden, Buttons: []button{f.Buttons[i]},
		Again: true,
	}
	f.Buttons = slices.Delete(f.Buttons, i, i+1)
	return []form{f, again}
}

// buttonLabel mends the labels of Kratos' that say something else than what the button does.
func buttonLabel(p *locale.Printer, node identity.Node) string {
	attr, named := node.Attributes, node.Meta.Label
	switch {
	case sendsAgain(node):
		return p.Text("Send a new code") // "Email" is the field that the button stands for
	case attr.Name == "method" && attr.Value == "profile" && named != nil && named.ID == 1040001:
		return p.Text("Continue") // "Sign up", but the credentials of a sign-up in two steps come next
	default:
		return label(p, node)
	}
}

// needsScript says whether a node is of no use without a script: Kratos' passkey and WebAuthn
// buttons, and the script itself.
func needsScript(node identity.Node) bool {
	attr := node.Attributes
	return node.Type == "script" || attr.OnClickTrigger != "" ||
		attr.Type == "button" && attr.Name != "" && attr.Value == nil
}

// csrfFirst keeps the token at the start of each form: a form that is cut off half-way is refused.
func csrfFirst(nodes []identity.Node) []identity.Node {
	return sorted(nodes, func(n identity.Node) int {
		if n.Attributes.Name == "csrf_token" {
			return 0
		}
		return 1
	})
}

// primaryFirst puts the button that names the method before "resend" and "back", because the first
// button of a form is the one that Enter presses. A password comes last of the fields: Kratos sorts
// it between the traits of a sign-up.
func primaryFirst(nodes []identity.Node) []identity.Node {
	return sorted(nodes, func(n identity.Node) int {
		switch {
		case n.Attributes.Type == "password":
			return 1
		case n.Attributes.Type != "submit" && n.Attributes.Type != "button":
			return 0
		case n.Attributes.Name == "method":
			return 2
		default:
			return 3
		}
	})
}

func sorted(nodes []identity.Node, rank func(identity.Node) int) []identity.Node {
	nodes = slices.Clone(nodes)
	slices.SortStableFunc(nodes, func(a, b identity.Node) int {
		return cmp.Compare(rank(a), rank(b))
	})
	return nodes
}
