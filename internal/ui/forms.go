package ui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

type rendered struct {
	forms []form
	alert alert
	extra
}

// extra is what a page needs beside its forms.
type extra struct {
	// script is Kratos' own, where a passkey or a security key can be used.
	script *script
	// triggers is set where a button calls it: then the page has a place for what goes wrong.
	triggers bool
	// unknown are the kinds of nodes that were left out.
	unknown []string
}

// firstFactor is the order where somebody says who they are.
func firstFactor() []string {
	return []string{
		"default", "oidc", "saml", "identifier_first", "password", "code", "link", "webauthn", "passkey", "totp",
		"lookup_secret", "profile",
	}
}

// knownPerson is the order where that is known, and has to be proved.
func knownPerson() []string {
	return []string{
		"default", "oidc", "saml", "identifier_first", "webauthn", "passkey", "password", "totp", "code", "link", "lookup_secret", "profile",
	}
}

func rankIn(group string, order []string) int {
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
	b.groups = groupNodes(shareIdentifier(f.UI.Nodes))
	shared := b.groups.take("default")
	var forms []form
	if !visible(shared) {
		b.groups.order(knownPerson())
		for _, group := range b.groups {
			forms = append(forms, b.form(shared, group))
		}
		if len(b.groups) == 0 {
			forms = append(forms, b.form(shared))
		}
	} else {
		var methods []nodeGroup
		for _, group := range b.groups {
			if isSocial(group.name) || signsInByItself(group) {
				forms = append(forms, b.form(hiddenOnly(shared), group))
				continue
			}
			methods = append(methods, group)
		}
		forms = append(forms, b.form(shared, methods...))
	}
	// A form may be left with nothing in it.
	forms = slices.DeleteFunc(forms, func(f form) bool {
		return len(f.Rows) == 0 && len(f.Buttons) == 0 && f.OnLoad == ""
	})
	var all []form
	shown := false
	for i := range forms {
		// The way back is not a method to choose, and what cannot be seen divides nothing.
		forms[i].Again = goesBack(forms[i])
		silent := len(forms[i].Rows) == 0 && len(forms[i].Buttons) == 0
		forms[i].Divided = shown && !forms[i].Again && !silent
		shown = shown || !silent
		all = append(all, b.splitResend(forms[i])...)
	}
	b.standOut(all)
	return rendered{forms: all, alert: b.finish(all, f.UI.Messages), extra: b.extra}
}

// standOut makes the button of a passkey the main one of the page where there is no other.
func (b *builder) standOut(forms []form) {
	for i := range forms {
		for j := range forms[i].Buttons {
			if each := &forms[i].Buttons[j]; !b.primary && each.Trigger != "" {
				each.Primary, b.primary = true, true
			}
		}
	}
}

// shareIdentifier hands an identifier that is known already to every method. Where it comes first, Kratos
// leaves it in the group of that step, and every method of the second step needs it.
func shareIdentifier(nodes []identity.Node) []identity.Node {
	nodes = slices.Clone(nodes)
	for i, node := range nodes {
		if node.Group == "identifier_first" && node.Attributes.Type == "hidden" {
			nodes[i].Group = "default"
		}
	}
	return nodes
}

// signsInByItself says whether a method needs nothing that is typed: a passkey says whose it is. At
// sign-up it needs the traits, for its name.
func signsInByItself(g nodeGroup) bool {
	return g.name == "passkey" && slices.ContainsFunc(g.nodes, func(n identity.Node) bool {
		return n.Attributes.Name == "passkey_challenge"
	})
}

func goesBack(f form) bool {
	return len(f.Rows) == 0 && len(f.Buttons) > 0 && !slices.ContainsFunc(f.Buttons, func(each button) bool {
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
	groups.order(firstFactor())
	return groups
}

func (g *nodeGroups) order(names []string) {
	slices.SortStableFunc(*g, func(a, b nodeGroup) int {
		return cmp.Compare(rankIn(a.name, names), rankIn(b.name, names))
	})
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
	extra
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
