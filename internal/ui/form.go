package ui

import (
	"slices"

	"example.com/identityd/internal/identity"
)

// form is one <form>: a way to go on that a person may choose.
type form struct {
	ID     string
	Action string
	// Social forms hold nothing but buttons of other sites.
	Social  bool
	Hidden  []hidden
	Rows    []row
	Buttons []button
	// Confirm, when set, has to be ticked before the form can be sent.
	Confirm string
	// Divided forms come after an "or".
	Divided bool
	// Again forms belong to the form above: they send its mail once more, or lead back.
	Again bool
	// Keep offers to stay signed in; Kept ticks it beforehand.
	Keep, Kept bool
	// KeepFollows forms take the choice from the form that shows it.
	KeepFollows bool
	// OnLoad is the function of Kratos' script that begins when the page is there: the passkeys that a
	// browser offers in the field for the sign-in name.
	OnLoad string
	// Scripted forms can be used by a script only, and are shown by one; PartlyScripted ones have a
	// button of that kind beside others.
	Scripted, PartlyScripted bool
}

type hidden struct{ Name, Value string }

// row is one visible line of a form; exactly one field is set.
type row struct {
	Field *field
	Text  *textRow
	Image *imageRow
	Link  *link
}

// button submits a form.
type button struct {
	Name, Value, Label string
	Primary            bool
	// NoValidate lets a method be used whose neighbors' required fields are empty.
	NoValidate bool
	Disabled   bool
	// Trigger is the function of Kratos' script that the button calls in place of submitting.
	Trigger string
	// Icon is the mark of a social provider.
	Icon string
	// Key is set where a trigger asks for a security key rather than a passkey.
	Key bool
	// Class is how the button looks beside plain or primary.
	Class string
	// DescribedBy is the id of what the button is about, where its label does not say it.
	DescribedBy string
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
	b.rankButtons(&f)
	return f
}

// rankButtons makes one way to go on stand out, however many there are, and lets the others be used
// with what they do not need left empty.
func (b *builder) rankButtons(f *form) {
	main, scripted := false, false
	for i := range f.Buttons {
		each := &f.Buttons[i]
		again := each.Name == "resend" || each.Name == "screen" || each.Name == resendAddress
		if each.Trigger != "" {
			scripted = true
			continue
		}
		if f.Social || main || again {
			each.NoValidate = true
			continue
		}
		main = true
		each.Primary = !b.primary
		b.primary = true
	}
	f.Scripted = scripted && !main
	f.PartlyScripted = scripted && main
	if f.PartlyScripted {
		// What needs a script comes last: without one there is no gap.
		slices.SortStableFunc(f.Buttons, func(x, y button) int { return boolRank(x.Trigger != "") - boolRank(y.Trigger != "") })
	}
}

func boolRank(last bool) int {
	if last {
		return 1
	}
	return 0
}

// add puts a node where it belongs. A second method must not make its fields required: the person
// may mean the first.
func (b *builder) add(f *form, node identity.Node, second bool) {
	attr := node.Attributes
	switch {
	case node.Type == "script":
		if s, known := newScript(node); known {
			b.script = &s
		} else {
			b.unknown = append(b.unknown, "script")
		}
	case attr.OnClickTrigger != "":
		if call := trigger(attr.OnClickTrigger); call != "" {
			f.Buttons = append(f.Buttons, button{
				Name: attr.Name, Value: valueText(attr.Value), Label: buttonLabel(b.say, node), Disabled: attr.Disabled, Trigger: call,
				Key: node.Group == "webauthn",
			})
			b.triggers = true
		} else {
			b.unknown = append(b.unknown, "trigger")
		}
	case needsScript(node):
	case attr.Type == "hidden" && attr.Name != "":
		// Also of node types that we do not know: Kratos expects its values back.
		f.Hidden = append(f.Hidden, hidden{attr.Name, valueText(attr.Value)})
		if call := trigger(attr.OnLoadTrigger); call != "" {
			f.OnLoad = call
		}
	case node.Type == "input" && (attr.Type == "submit" || attr.Type == "button"):
		made := button{
			Name: attr.Name, Value: valueText(attr.Value), Label: buttonLabel(b.say, node), Disabled: attr.Disabled,
		}
		if isSocial(node.Group) {
			made.Icon = providerIcon(node)
		}
		f.Buttons = append(f.Buttons, made)
	case node.Type == "input" && attr.Name != "":
		field := b.field(node)
		field.Required = field.Required && !second
		f.Rows = append(f.Rows, row{Field: field})
	case node.Type == "text":
		f.Rows = append(f.Rows, row{Text: b.textRow(node)})
	case node.Type == "img":
		if image := newImageRow(b.say, node); image != nil {
			f.Rows = append(f.Rows, row{Image: image})
		}
	case node.Type == "a":
		if anchor := newLinkRow(b.say, node); anchor != nil {
			f.Rows = append(f.Rows, row{Link: anchor})
		}
	default:
		b.unknown = append(b.unknown, plain(node.Type, 20))
	}
}
