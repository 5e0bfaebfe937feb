package uitest

import "example.com/identityd/internal/identity"

// The nodes of Kratos 1.3, as short as they can be written.

func message(id int64, kind, text string) identity.Message {
	return identity.Message{ID: id, Type: kind, Text: text}
}

func input(group, name, kind string, value any, labelID int64, label string) identity.Node {
	n := identity.Node{Type: "input", Group: group, Attributes: identity.Attributes{
		NodeType: "input", Name: name, Type: kind, Value: value,
	}}
	if label != "" {
		m := message(labelID, "info", label)
		n.Meta.Label = &m
	}
	return n
}

func need(n identity.Node) identity.Node {
	n.Attributes.Required = true
	return n
}

func complete(n identity.Node, tokens string) identity.Node {
	n.Attributes.Autocomplete = tokens
	return n
}

func wrong(n identity.Node, id int64, text string) identity.Node {
	n.Messages = append(n.Messages, message(id, "error", text))
	return n
}

func csrf() identity.Node {
	return need(input("default", "csrf_token", "hidden", "token", 0, ""))
}

func identifier(value string) identity.Node {
	return need(input("default", "identifier", "text", value, 1070004, "ID"))
}

func password(tokens string) identity.Node {
	return need(complete(input("password", "password", "password", nil, 1070001, "Password"), tokens))
}

func submit(group, value string, id int64, label string) identity.Node {
	return input(group, "method", "submit", value, id, label)
}

func provider(id, name, verb string) identity.Node {
	return named(id, name, input("oidc", "provider", "submit", id, 1010002, verb+" "+name))
}

// named tells which provider a button is of.
func named(id, name string, n identity.Node) identity.Node {
	n.Meta.Label.Context = map[string]any{"provider": name, "provider_id": id}
	return n
}

func providers(verb string) []identity.Node {
	return []identity.Node{provider("google", "Google", verb), provider("github", "GitHub", verb), provider("acme", "Acme Works", verb)}
}

func text(group, id string, label identity.Message, content identity.Message) identity.Node {
	return identity.Node{
		Type: "text", Group: group, Meta: identity.Meta{Label: &label},
		Attributes: identity.Attributes{NodeType: "text", ID: id, Text: &content},
	}
}

func flow(nodes ...identity.Node) *identity.Flow {
	return &identity.Flow{
		ID: "f", State: "choose_method", ExpiresAt: day(1), RequestURL: "https://id.example/self-service/login/browser",
		UI: identity.Container{Method: "POST", Nodes: append([]identity.Node{csrf()}, nodes...)},
	}
}

func saying(f *identity.Flow, messages ...identity.Message) *identity.Flow {
	f.UI.Messages = append(f.UI.Messages, messages...)
	return f
}

func forApp(f *identity.Flow) *identity.Flow {
	f.LoginChallenge = "c"
	f.LoginRequest = &identity.LoginRequest{Challenge: "c", Client: notes()}
	return f
}

func sent(f *identity.Flow) *identity.Flow {
	f.State = "sent_email"
	return f
}

func passed(f *identity.Flow) *identity.Flow {
	f.State = "passed_challenge"
	return f
}
