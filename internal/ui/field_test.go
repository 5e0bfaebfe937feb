package ui

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/identityd/internal/identity"
)

func TestField(t *testing.T) {
	tests := map[string]struct {
		attr identity.Attributes
		want field
	}{
		"an identifier is a user name that phones leave alone": {
			identity.Attributes{Name: "identifier", Type: "text", Value: "anna"},
			field{Type: "text", Value: "anna", Autocomplete: "username", Verbatim: true},
		},
		"a password is never sent back": {
			identity.Attributes{
				Name: "password", Type: "password", Value: "hunter2", Autocomplete: "current-password",
			},
			field{Type: "password", Autocomplete: "current-password"},
		},
		"an unknown type becomes text": {
			identity.Attributes{Name: "x", Type: "image", Value: "v"},
			field{Type: "text", Value: "v"},
		},
		"unknown autocomplete tokens are dropped": {
			identity.Attributes{Name: "x", Type: "text", Autocomplete: "username webauthn cc-number"},
			field{Type: "text", Autocomplete: "username webauthn", Verbatim: true},
		},
		"a checkbox that is true is ticked": {
			identity.Attributes{Name: "traits.news", Type: "checkbox", Value: true},
			field{Type: "checkbox", Checkbox: true, Checked: true},
		},
		"a checkbox that is false is not": {
			identity.Attributes{Name: "traits.news", Type: "checkbox", Value: false},
			field{Type: "checkbox", Checkbox: true},
		},
		"a large number keeps its digits": {
			identity.Attributes{Name: "traits.n", Type: "number", Value: 12345678.0},
			field{Type: "number", Value: "12345678"},
		},
		"an object is JSON": {
			identity.Attributes{Name: "x", Type: "text", Value: map[string]any{"a": 1.0}},
			field{Type: "text", Value: `{"a":1}`},
		},
		"a date and time is one of its own, not a checkbox": {
			identity.Attributes{
				Name: "traits.at", Type: "datetime-local", Value: "2024-05-06T07:08:09Z",
			},
			field{Type: "datetime-local", Value: "2024-05-06T07:08:09"},
		},
		"a pattern may match anywhere, as in a JSON schema": {
			identity.Attributes{Name: "x", Type: "text", Pattern: "^[a-z]+"},
			field{Type: "text", Pattern: ".*(?:^[a-z]+).*"},
		},
		"a code asks for digits": {
			identity.Attributes{Name: "code", Type: "text", MaxLength: 6},
			field{
				Type: "text", Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 6, Complete: 6,
				Verbatim: true,
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := builder{ids: map[string]bool{}}
			got := b.field(identity.Node{Attributes: tt.attr})
			if diff := cmp.Diff(&tt.want, got, cmpopts.IgnoreFields(field{}, "ID", "Name", "Label")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLabelIsMadeFromTheNameWhenKratosSendsNone(t *testing.T) {
	for name, want := range map[string]string{
		"traits.name.first": "First", "totp_code": "Totp code", "traits.über": "Über", "": "Continue",
	} {
		if got := label(englishWords(t), input("default", name, "text", nil)); got != want {
			t.Errorf("label of %q: got %q, want %q", name, got, want)
		}
	}
}

func TestRowsShowOnlyWhatIsSafe(t *testing.T) {
	image := func(src string) identity.Node {
		return identity.Node{Type: "img", Attributes: identity.Attributes{Source: src}}
	}
	anchor := func(href string) identity.Node {
		return identity.Node{Type: "a", Attributes: identity.Attributes{Href: href}}
	}
	for name, tt := range map[string]struct {
		node  identity.Node
		shown bool
	}{
		"a QR code as data":          {image("data:image/png;base64,iVBORw0KGgo="), true},
		"an image of another site":   {image("https://evil.example/pixel.png"), false},
		"a picture that is a script": {image("data:image/svg+xml;base64,PHN2Zz4="), false},
		"a link to the web":          {anchor("https://app.example/next"), true},
		"a link that is a script":    {anchor("javascript:alert(1)"), false},
		"a link with a user name":    {anchor("https://id.test@evil.example/"), false},
	} {
		t.Run(name, func(t *testing.T) {
			got := len(renderForms(englishWords(t), flowOf(token(), tt.node)).forms) == 1
			if got != tt.shown {
				t.Errorf("shown: got %v, want %v", got, tt.shown)
			}
		})
	}
}
