package ui

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

// shape is what matters of a form: its hidden fields, its inputs and its buttons in order.
type shape struct{ Hidden, Inputs, Buttons []string }

func shapes(forms []form) []shape {
	var out []shape
	for _, f := range forms {
		var s shape
		for _, h := range f.Hidden {
			s.Hidden = append(s.Hidden, h.Name+"="+h.Value)
		}
		for _, r := range f.Rows {
			if r.Field != nil {
				s.Inputs = append(s.Inputs, r.Field.Name)
			}
		}
		for _, b := range f.Buttons {
			text := b.Name + "=" + b.Value
			if b.Primary {
				text += " primary"
			}
			if b.NoValidate {
				text += " novalidate"
			}
			s.Buttons = append(s.Buttons, text)
		}
		out = append(out, s)
	}
	return out
}

func TestRenderForms(t *testing.T) {
	scripted := input("passkey", "passkey_login_trigger", "button", "{}")
	scripted.Attributes.OnClickTrigger = "oryPasskeyLogin"
	tests := map[string]struct {
		nodes []identity.Node
		want  []shape
	}{
		"a password login is one form with the token first and the method last": {
			passwordFlow(identity.Login).UI.Nodes,
			[]shape{{
				Hidden: []string{"csrf_token=kratos-token"}, Inputs: []string{"identifier", "password"},
				Buttons: []string{"method=password primary"},
			}},
		},
		"a second method shares what is typed and skips the browser's checks": {
			append(passwordFlow(identity.Login).UI.Nodes, input("code", "method", "submit", "code")),
			[]shape{{
				Hidden: []string{"csrf_token=kratos-token"}, Inputs: []string{"identifier", "password"},
				Buttons: []string{"method=password primary", "method=code novalidate"},
			}},
		},
		"social buttons are a form of their own, first, with a copy of the token": {
			append(passwordFlow(identity.Login).UI.Nodes, input("oidc", "provider", "submit", "acme")),
			[]shape{
				{
					Hidden:  []string{"csrf_token=kratos-token"},
					Buttons: []string{"provider=acme novalidate"},
				},
				{
					Hidden: []string{"csrf_token=kratos-token"}, Inputs: []string{"identifier", "password"},
					Buttons: []string{"method=password primary"},
				},
			},
		},
		"each second factor is a form with a copy of the hidden nodes": {
			[]identity.Node{
				input("default", "identifier", "hidden", "anna"), token(),
				input("lookup_secret", "lookup_secret", "text", nil),
				input("lookup_secret", "method", "submit", "lookup_secret"),
				input("totp", "totp_code", "text", nil), input("totp", "method", "submit", "totp"),
			},
			[]shape{
				{
					Hidden: []string{"csrf_token=kratos-token", "identifier=anna"},
					Inputs: []string{"totp_code"}, Buttons: []string{"method=totp primary"},
				},
				{
					Hidden: []string{"csrf_token=kratos-token", "identifier=anna"},
					Inputs: []string{"lookup_secret"}, Buttons: []string{"method=lookup_secret"},
				},
			},
		},
		"resend comes after the button that Enter presses": {
			[]identity.Node{
				token(), input("code", "code", "text", nil), input("code", "resend", "submit", "code"),
				input("code", "method", "submit", "code"),
			},
			[]shape{{
				Hidden: []string{"csrf_token=kratos-token"}, Inputs: []string{"code"},
				Buttons: []string{"method=code primary", "resend=code novalidate"},
			}},
		},
		"a password comes after the traits of a sign-up": {
			[]identity.Node{
				token(), input("password", "traits.email", "email", nil),
				input("password", "password", "password", nil),
				input("password", "traits.name", "text", nil),
				input("password", "method", "submit", "password"),
			},
			[]shape{{
				Hidden:  []string{"csrf_token=kratos-token"},
				Inputs:  []string{"traits.email", "traits.name", "password"},
				Buttons: []string{"method=password primary"},
			}},
		},
		"the first step of a sign-up in two steps is one form": {
			[]identity.Node{
				input("default", "traits.email", "email", nil), token(),
				input("profile", "method", "submit", "profile"),
			},
			[]shape{{
				Hidden: []string{"csrf_token=kratos-token"}, Inputs: []string{"traits.email"},
				Buttons: []string{"method=profile primary"},
			}},
		},
		"the second step carries the hidden traits in every form and offers the way back last": {
			[]identity.Node{
				token(), input("default", "traits.tos", "hidden", true),
				input("profile", "screen", "submit", "previous"),
				input("password", "password", "password", nil),
				input("password", "method", "submit", "password"),
			},
			[]shape{
				{
					Hidden: []string{"csrf_token=kratos-token", "traits.tos=true"},
					Inputs: []string{"password"}, Buttons: []string{"method=password primary"},
				},
				{
					Hidden:  []string{"csrf_token=kratos-token", "traits.tos=true"},
					Buttons: []string{"screen=previous novalidate"},
				},
			},
		},
		"what only a script can use is a form of its own": {
			[]identity.Node{
				token(), scripted, input("passkey", "passkey_login", "hidden", ""),
				{Type: "script", Group: "webauthn", Attributes: identity.Attributes{Source: "/x.js"}},
			},
			[]shape{{
				Hidden:  []string{"csrf_token=kratos-token", "passkey_login="},
				Buttons: []string{"passkey_login_trigger={} primary"},
			}},
		},
		"an unknown kind of node keeps its hidden value": {
			[]identity.Node{
				token(),
				{Type: "div", Group: "captcha", Attributes: identity.Attributes{
					Name: "captcha", Type: "hidden", Value: 12.0,
				}},
				input("captcha", "method", "submit", "captcha"),
			},
			[]shape{{
				Hidden:  []string{"csrf_token=kratos-token", "captcha=12"},
				Buttons: []string{"method=captcha primary"},
			}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := shapes(renderForms(englishWords(t), flowOf(tt.nodes...)).forms)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestASecondMethodRequiresNothing(t *testing.T) {
	nodes := passwordFlow(identity.Login).UI.Nodes
	nodes = append(nodes, required(input("totp", "totp_code", "text", nil)))
	got := map[string]bool{}
	for _, r := range renderForms(englishWords(t), flowOf(nodes...)).forms[0].Rows {
		got[r.Field.Name] = r.Field.Required
	}
	want := map[string]bool{"identifier": true, "password": true, "totp_code": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestElementIDsAreUniqueWhateverNodesAreCalled(t *testing.T) {
	nodes := []identity.Node{
		token(), input("totp", "a.b", "text", nil), input("totp", "a-b", "text", nil),
		input("password", "a.b", "text", nil), input("password", `"><b>`, "text", nil),
	}
	seen := map[string]bool{}
	for _, f := range renderForms(englishWords(t), flowOf(nodes...)).forms {
		for _, r := range f.Rows {
			if id := r.Field.ID; seen[id] {
				t.Errorf("id %q is given twice", id)
			} else {
				seen[id] = true
			}
		}
	}
	if got, want := len(seen), 4; got != want {
		t.Errorf("got %d fields, want %d", got, want)
	}
}
