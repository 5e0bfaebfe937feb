package ui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
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
	// Divided forms come after an "or".
	Divided bool
	// Again forms belong to the form above: they send its mail once more, or lead back.
	Again bool
}

type hidden struct{ Name, Value string }

// row is one visible line of a form; exactly one field is set.
type row struct {
	Field *field
	Text  *textRow
	Image *imageRow
	Link  *link
}

type rendered struct {
	forms []form
	alert alert
}

// groups of nodes in the order of ui.md B1. Groups that are not listed come after these.
func rank(group string) int {
	order := []string{
		"default", "oidc", "saml", "identifier_first", "password", "code", "link", "passkey",
		"webauthn", "totp", "lookup_secret", "profile",
	}
	if i := slices.Index(order, group); i >= 0 {
		return i
	}
	return len(order)
}

func isSocial(group string) bool { return group == "oidc" || group == "saml" }

// renderForms turns the nodes of a flow into forms. Kratos puts what all methods need into the
// group "default": where that is hidden (the CSRF token, a known identifier), every method gets a form of
// its own with a copy. Where a part of it is to be typed, typing it twice is asked of nobody: all
// methods but the social ones share one form, and the button says which one is meant.
func renderForms(p *locale.Printer, f *identity.Flow) rendered {
	b := builder{say: p, action: f.UI.Action, ids: map[string]bool{}}
	b.groups = groupNodes(f.UI.Nodes)
	shared := b.groups.take("default")
	var forms []form
	if !visible(shared) {
		for _, group := range b.groups {
			forms = append(forms, b.form(shared, group))
		}
		if len(b.groups) == 0 {
			forms = append(forms, b.form(shared))
		}
	} else {
		var methods []nodeGroup
		for _, group := range b.groups {
			if isSocial(group.name) {
				forms = append(forms, b.form(hiddenOnly(shared), group))
				continue
			}
			methods = append(methods, group)
		}
		forms = append(forms, b.form(shared, methods...))
	}
	// What only a script could use is left out, and may leave a form with nothing in it.
	forms = slices.DeleteFunc(forms, func(f form) bool {
		return len(f.Rows) == 0 && len(f.Buttons) == 0
	})
	var all []form
	for i := range forms {
		// The way back is not a method to choose.
		forms[i].Again = goesBack(forms[i])
		forms[i].Divided = i > 0 && !forms[i].Again
		all = append(all, b.splitResend(forms[i])...)
	}
	return rendered{forms: all, alert: b.finish(all, f.UI.Messages)}
}

func goesBack(f form) bool {
	return len(f.Rows) == 0 && !slices.ContainsFunc(f.Buttons, func(each button) bool {
		return each.Name != "screen"
	})
}

type nodeGroup struct {
	name  string
	nodes []identity.Node
}

type nodeGroups []nodeGroup

func groupNodes(nodes []identity.Node) nodeGroups {
	var groups nodeGroups
	for _, node := range nodes {
		i := slices.IndexFunc(groups, func(g nodeGroup) bool { return g.name == node.Group })
		if i < 0 {
			groups = append(groups, nodeGroup{name: node.Group})
			i = len(groups) - 1
		}
		groups[i].nodes = append(groups[i].nodes, node)
	}
	slices.SortStableFunc(groups, func(a, b nodeGroup) int {
		return cmp.Compare(rank(a.name), rank(b.name))
	})
	return groups
}

func (g *nodeGroups) take(name string) nodeGroup {
	for i, group := range *g {
		if group.name == name {
			*g = slices.Delete(*g, i, i+1)
			return group
		}
	}
	return nodeGroup{name: name}
}

func visible(g nodeGroup) bool {
	return slices.ContainsFunc(g.nodes, func(n identity.Node) bool {
		return n.Type == "input" && n.Attributes.Type != "hidden" && !needsScript(n)
	})
}

func hiddenOnly(g nodeGroup) nodeGroup {
	out := nodeGroup{name: g.name}
	for _, node := range g.nodes {
		if node.Attributes.Type == "hidden" {
			out.nodes = append(out.nodes, node)
		}
	}
	return out
}

// builder keeps what is to be unique over all forms of a page.
type builder struct {
	say    *locale.Printer
	action string
	groups nodeGroups
	ids    map[string]bool
	// primary is set once a button stands out.
	primary bool
}

func (b *builder) id(name string) string {
	id := "f-" + strings.Map(func(c rune) rune {
		if isWord(c) {
			return c
		}
		return '-'
	}, plain(name, maxName))
	for base, i := id, 2; b.ids[id]; i++ {
		id = base + "-" + strconv.Itoa(i)
	}
	b.ids[id] = true
	return id
}
