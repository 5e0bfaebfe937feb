package ui

import (
	"net/netip"

	"github.com/mileusna/useragent"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// device is a browser in plain words.
type device struct {
	Browser string // "Firefox", or empty
	System  string // "Windows", "iPhone", "Pixel 8", or empty
	Icon    string // a name of templates/layout/icons.html
	Address string // an IP address, or empty
}

// maxAgent is what Kratos keeps of a user agent (kratos: session/session.go).
const maxAgent = 512

// deviceOf describes the browser that signed in. All of it is what the browser, or somebody in its
// place, said of itself: it is shortened, and shown as a text.
func deviceOf(s *identity.Session) device {
	if len(s.Devices) == 0 {
		return device{Icon: "device"}
	}
	// The first is the sign-in itself.
	said := s.Devices[0]
	d := device{Icon: "device", Address: ipAddress(said.IPAddress)}
	agent := said.UserAgent
	if len(agent) > maxAgent {
		agent = agent[:maxAgent]
	}
	parsed := useragent.Parse(agent)
	d.Browser = plain(parsed.Name, maxShort)
	if d.System = plain(parsed.Device, maxShort); d.System == "" {
		d.System = plain(parsed.OS, maxShort)
	}
	switch {
	case parsed.Mobile, parsed.Tablet:
		d.Icon = "phone"
	case parsed.Desktop:
		d.Icon = "laptop"
	}
	return d
}

// maxShort bounds a word of somebody else's in the middle of a line.
const maxShort = 40

// title names the device, as "Firefox on Windows".
func (d device) title(p *locale.Printer) string {
	switch {
	case d.Browser != "" && d.System != "":
		return p.Text("%s on %s", d.Browser, d.System)
	case d.Browser != "":
		return d.Browser
	case d.System != "":
		return d.System
	default:
		return p.Text("Unknown browser")
	}
}

// ipAddress returns what Kratos noted of the connection if it is an address: it also takes the word
// of headers that anybody can send (docs/ory-quirks.md#q76).
func ipAddress(noted string) string {
	if at, err := netip.ParseAddrPort(noted); err == nil {
		return at.Addr().Unmap().WithZone("").String()
	}
	if at, err := netip.ParseAddr(noted); err == nil {
		return at.Unmap().WithZone("").String()
	}
	return ""
}
