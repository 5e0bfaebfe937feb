package ui

import (
	"cmp"
	"slices"
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

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
// it between the traits of a sign-up. The picture to scan comes before the text that says the same.
func primaryFirst(nodes []identity.Node) []identity.Node {
	return sorted(nodes, func(n identity.Node) int {
		switch {
		case n.Type == "img":
			return 0
		case n.Attributes.Type == "password":
			return 2
		case n.Attributes.Type != "submit" && n.Attributes.Type != "button":
			return 1
		case n.Attributes.Name == "method":
			return 3
		default:
			return 4
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

// providerIcon returns the mark of a social provider, by the id that the operator gave it or the label
// that people read; others get a neutral one.
func providerIcon(node identity.Node) string {
	id := strings.ToLower(valueText(node.Attributes.Value))
	name := strings.ToLower(providerName(node))
	for _, known := range []string{
		"google", "apple", "microsoft", "github", "gitlab", "facebook", "linkedin", "discord", "slack", "x",
	} {
		if id == known || name == known || strings.HasPrefix(id, known+"-") || strings.HasPrefix(id, known+"_") {
			return known
		}
	}
	return "other"
}

// providerName returns how a social provider is called, or an empty text.
func providerName(node identity.Node) string {
	if node.Meta.Label == nil {
		return ""
	}
	return plain(valueText(node.Meta.Label.Context["provider"]), maxName)
}
