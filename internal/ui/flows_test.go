package ui

import "example.com/identityd/internal/identity"

func input(group, name, kind string, value any) identity.Node {
	return identity.Node{
		Type: "input", Group: group,
		Attributes: identity.Attributes{Name: name, Type: kind, Value: value},
	}
}

func labeled(n identity.Node, text string) identity.Node {
	n.Meta.Label = &identity.Message{ID: 1070002, Text: text, Type: "info"}
	return n
}

func required(n identity.Node) identity.Node {
	n.Attributes.Required = true
	return n
}

func failing(n identity.Node, text string) identity.Node {
	n.Messages = append(n.Messages, identity.Message{ID: 1, Text: text, Type: "error"})
	return n
}

func token() identity.Node { return input("default", "csrf_token", "hidden", "kratos-token") }

func flowOf(nodes ...identity.Node) *identity.Flow {
	return &identity.Flow{ID: "f", UI: identity.Container{
		Action: kratosURL + "/self-service/login?flow=f", Method: "POST", Nodes: nodes,
	}}
}

// passwordFlow is what Kratos 1.3 sends for a fresh flow with the password method alone.
func passwordFlow(kind identity.FlowKind) *identity.Flow {
	password := required(labeled(input("password", "password", "password", nil), "Password"))
	if kind == identity.Registration {
		password.Attributes.Autocomplete = "new-password"
		return flowOf(
			token(),
			required(labeled(input("password", "traits.email", "email", nil), "E-Mail")),
			password,
			labeled(input("password", "method", "submit", "password"), "Sign up"),
		)
	}
	password.Attributes.Autocomplete = "current-password"
	return flowOf(
		required(labeled(input("default", "identifier", "text", ""), "E-Mail")),
		token(),
		password,
		labeled(input("password", "method", "submit", "password"), "Sign in"),
	)
}
