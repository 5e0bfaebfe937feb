package ui

import (
	"slices"

	"example.com/identityd/internal/locale"
)

// scope is one permission on the consent page.
type scope struct {
	Name        string // as the protocol spells it, to be sent back
	Shown       string // the same, fit to be shown
	Title       string
	Description string
	Fixed       bool // shown, but not to be unticked
}

// openID makes a request one of OpenID Connect: without it there is no sign-in to refuse parts of.
const openID = "openid"

func describe(p *locale.Printer, requested []string, own map[string]string) []scope {
	scopes := make([]scope, 0, len(requested))
	for _, name := range requested {
		s := scope{Name: name, Shown: plain(name, maxName), Fixed: name == openID}
		s.Title, s.Description = words(p, name)
		if text := own[name]; text != "" {
			// The operator's own words, in the operator's language.
			s.Title, s.Description = text, ""
		}
		scopes = append(scopes, s)
	}
	return scopes
}

func words(p *locale.Printer, name string) (title, description string) {
	switch name {
	case openID:
		return p.Text("Know who you are"), ""
	case "offline_access", "offline":
		return p.Text("Keep access while you are away"), p.Text("Until you take it back.")
	case "email":
		return p.Text("See your email address"), ""
	case "profile":
		return p.Text("See your profile"), p.Text("Your name and the like.")
	case "phone":
		return p.Text("See your phone number"), ""
	case "address":
		return p.Text("See your postal address"), ""
	case "groups":
		return p.Text("See which groups you are in"), ""
	case "roles":
		return p.Text("See which roles you have"), ""
	default:
		return plain(name, maxName), p.Text("A permission of this application’s own.")
	}
}

// granted returns the scopes that were both asked for and ticked.
func granted(requested, ticked []string) []string {
	out := []string{}
	for _, name := range requested {
		if name == openID || slices.Contains(ticked, name) {
			out = append(out, name)
		}
	}
	return out
}
