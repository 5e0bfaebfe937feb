package translate

import (
	"net"
	"strings"
)

func develop(d *draft, e entry) verdict {
	if !truth(e.value) {
		return dropped("the profile says it")
	}
	if d.profile == "production" {
		return dropped("has no place in production, which was asked for: everything is checked as there")
	}
	return translated("", "profile")
}

func level(d *draft, e entry) verdict {
	levels := map[string]string{
		"trace": "debug", "debug": "debug", "info": "info", "warning": "warn", "warn": "warn", "error": "error", "fatal": "error", "panic": "error",
	}
	word, ok := levels[strings.ToLower(text(e.value))]
	if !ok {
		return dropped("is no level; write logging.level")
	}
	// The one that says more, where the two engines differ: there is one log now.
	order := []string{"debug", "info", "warn", "error"}
	if have, set := d.words["logging.level"]; set && indexOf(order, text(have)) < indexOf(order, word) {
		return dropped("there is one log for both engines, and the other one asked for more")
	}
	d.set("logging.level", word)
	why := ""
	if word == "debug" {
		why = "identityd's debug level names no secrets, but every step of every flow"
	}
	return translated(why, "logging.level")
}

func logFormat(d *draft, e entry) verdict {
	switch text(e.value) {
	case "text":
		d.set("logging.format", "text")
	case "json", "json_pretty", "gelf":
		d.set("logging.format", "json")
	default:
		return dropped("is none of text and json")
	}
	return translated("", "logging.format")
}

func leak(_ *draft, e entry) verdict {
	if truth(e.value) {
		return dropped("is refused: tokens, cookies and traits are never in the log")
	}
	return dropped("identityd never does")
}

// refuse drops with a note, for what is lost.
func refuse(why string) func(*draft, entry) verdict {
	return func(d *draft, e entry) verdict {
		if truth(e.value) || !strings.HasSuffix(e.path, "enabled") {
			if e.value != false {
				d.note(e.engine+"."+e.path, "%s", why)
			}
		}
		return dropped("%s", why)
	}
}

func private(d *draft, e entry) verdict {
	if truth(e.value) {
		d.set("outbound.private", "deny")
	} else if _, set := d.words["outbound.private"]; !set {
		d.set("outbound.private", "allow")
	}
	return translated("", "outbound.private")
}

func exceptions(d *draft, e entry) verdict {
	hosts := callees(e.value)
	if len(hosts) == 0 {
		return dropped("names no host without a wildcard; write hosts or networks into outbound.allow")
	}
	d.allow(hosts)
	return translated("hosts, in place of patterns", "outbound.allow")
}

// allow lets the engines call hosts that may be in a private network.
func (d *draft) allow(hosts []string) {
	have, _ := d.words["outbound.allow"].([]string)
	for _, h := range hosts {
		if indexOf(have, h) < 0 {
			have = append(have, h)
		}
	}
	d.set("outbound.allow", have)
}

// callees finds the hosts of a value that are likely to be in a private network: addresses, and names without
// a dot, as containers have them.
func callees(v any) []string {
	var out []string
	switch x := v.(type) {
	case string:
		if !strings.HasPrefix(x, "http://") && !strings.HasPrefix(x, "https://") {
			return nil
		}
		_, rest, _ := strings.Cut(x, "://")
		host, _, _ := strings.Cut(rest, "/")
		if i := strings.LastIndexByte(host, '@'); i >= 0 {
			host = host[i+1:]
		}
		name, _, err := net.SplitHostPort(host)
		if err != nil {
			name = host
		}
		ip := net.ParseIP(strings.Trim(name, "[]"))
		if strings.ContainsAny(host, "*{}<>") || ip == nil && strings.Contains(name, ".") && !strings.HasSuffix(name, ".internal") && !strings.HasSuffix(name, ".local") {
			return nil
		}
		if ip != nil && !ip.IsPrivate() && !ip.IsLoopback() {
			return nil
		}
		return []string{host}
	case []any:
		for _, one := range x {
			out = append(out, callees(one)...)
		}
	case map[string]any:
		for _, one := range x {
			out = append(out, callees(one)...)
		}
	}
	return out
}

func expose(d *draft, e entry) verdict {
	if truth(e.value) || text(e.value) == "1" {
		return dropped("is refused: anybody would be told of tables and addresses; look for the request id in the log")
	}
	return dropped("identityd never does")
}

func onlyTrue(why string) func(*draft, entry) verdict {
	return func(_ *draft, e entry) verdict {
		if truth(e.value) {
			return dropped("identityd does so in any case")
		}
		return dropped("is refused: %s", why)
	}
}

func refreshLife(d *draft, e entry) verdict {
	if text(e.value) == "-1" {
		d.set("tokens.refresh", "3650d")
		return translated("for ever is ten years here", "tokens.refresh")
	}
	d.set("tokens.refresh", e.value)
	return translated("", "tokens.refresh")
}

// subjectTypes: public alone is what identityd says too.
func subjectTypes(d *draft, e entry) verdict {
	if list := texts(e.value); len(list) == 1 && list[0] == "public" {
		return dropped("identityd does so in any case")
	}
	return d.keep(e, "")
}

// registersClients: here the hosts have to be listed that applications may be sent back to.
func registersClients(d *draft, e entry) verdict {
	if !truth(e.value) {
		return dropped("identityd does so in any case")
	}
	d.set("dynamic_registration.enabled", true)
	d.note("dynamic_registration.enabled", "applications on loopback only, until dynamic_registration.hosts lists the hosts of their redirect addresses")
	return translated("hosts of redirect addresses have to be listed in dynamic_registration.hosts", "dynamic_registration.enabled")
}

func indexOf(list []string, one string) int {
	for i, s := range list {
		if s == one {
			return i
		}
	}
	return -1
}
