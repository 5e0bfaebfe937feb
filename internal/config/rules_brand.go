package config

import (
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strings"
)

func colorNames() []string { return []string{"accent", "accent_dark", "panel", "panel_dark"} }

// checkColors refuses what cannot be read: text, links and buttons are painted with the accent. What
// stands on a panel follows from it, and can always be read.
func checkColors(c *collector, colors map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(colors)) {
		path := "ui.brand.colors." + name
		if !slices.Contains(colorNames(), name) {
			c.add(path, "must be one of %s; did you mean %s? All else is for ui.brand.css_file",
				strings.Join(colorNames(), ", "), nearestOf(name, colorNames()))
			continue
		}
		color, ok := parseColor(colors[name])
		if !ok {
			c.add(path, "must be a color as #rrggbb, in quotes (got %s)", quote(colors[name]))
			continue
		}
		s := day()
		switch name {
		case "accent":
		case "accent_dark":
			s = night()
		default:
			continue
		}
		if ground, on, ratio := s.worst(color); ratio < readable {
			c.add(path, "%s on %s (%s, %s) has a contrast of %.2f, and WCAG AA asks for %.1f; the nearest color that passes is %s",
				color, on, ground, s.name, ratio, readable, s.nearest(color))
		}
	}
}

func checkLinks(c *collector, cfg *Config) {
	for _, one := range []struct{ path, value string }{
		{"ui.links.privacy", cfg.UI.Links.Privacy}, {"ui.links.terms", cfg.UI.Links.Terms}, {"ui.links.support", cfg.UI.Links.Support},
	} {
		if one.value == "" {
			continue
		}
		u, err := url.Parse(one.value)
		switch {
		case err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil:
		case err == nil && u.Scheme == "http" && u.Host != "" && u.User == nil && cfg.Profile == Development:
		case one.path == "ui.links.support" && err == nil && u.Scheme == "mailto" && isMail(u.Opaque):
		case one.path == "ui.links.support":
			c.add(one.path, "must be an https:// address, or mailto: and an address (got %s)", quote(one.value))
		default:
			c.add(one.path, "must be an https:// address (got %s)", quote(one.value))
		}
	}
}

func isMail(address string) bool {
	parsed, err := mail.ParseAddress(address)
	return err == nil && parsed.Address == address
}
