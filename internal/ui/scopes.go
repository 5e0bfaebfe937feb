package ui

import "slices"

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

func describe(requested []string) []scope {
	scopes := make([]scope, 0, len(requested))
	for _, name := range requested {
		s := scope{Name: name, Shown: plain(name, maxName), Fixed: name == openID}
		s.Title, s.Description = words(name)
		scopes = append(scopes, s)
	}
	return scopes
}

func words(name string) (title, description string) {
	switch name {
	case openID:
		return "Know who you are", ""
	case "offline_access", "offline":
		return "Keep access while you are away", "Until you take it back."
	case "email":
		return "See your email address", ""
	case "profile":
		return "See your profile", "Your name and the like."
	case "phone":
		return "See your phone number", ""
	case "address":
		return "See your postal address", ""
	default:
		return plain(name, maxName), "A permission of this application’s own."
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
