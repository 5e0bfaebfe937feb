package translate

import (
	"encoding/base64"
	"net"
	"net/url"
	"strings"
)

func listenHost(listener string) func(*draft, entry) verdict {
	return func(d *draft, e entry) verdict {
		host := text(e.value)
		if path, ok := strings.CutPrefix(host, "unix:"); ok {
			d.set("listen."+listener, "unix:"+path)
			return translated("", "listen."+listener)
		}
		ip := net.ParseIP(host)
		admin := strings.HasSuffix(listener, "_admin")
		switch {
		case host == "", ip != nil && ip.IsUnspecified():
			if admin {
				return dropped("opens the admin API to everybody who reaches it; it stays on this machine until admin.token_file is set")
			}
			return dropped("public listeners are on all addresses in production, and on this machine in development: listen.host")
		case admin && host != "localhost" && (ip == nil || !ip.IsLoopback()):
			return dropped("opens the admin API beyond this machine; it stays there until admin.token_file is set, then write listen.%s", listener)
		case d.origin != "" && !admin:
			return dropped("everything is at listen.ui, under one address")
		}
		return translated("", "listen."+listener)
	}
}

// found is for the address of something, which is that of everything where there is one.
func found(word, why string) func(*draft, entry) verdict {
	return func(d *draft, e entry) verdict {
		switch {
		case d.origin == "":
			return translated(why, word)
		case sameOrigin(text(e.value), d.origin):
			return translated(why, "origin")
		}
		return dropped("everything is under %s, the issuer (origin)", d.origin)
	}
}

func listenPort(listener string) func(*draft, entry) verdict {
	return func(d *draft, e entry) verdict {
		if d.origin != "" && strings.HasSuffix(listener, "_public") {
			return dropped("everything is at listen.ui, under one address")
		}
		if strings.HasPrefix(text(d.words["listen."+listener]), "unix:") {
			return dropped("the listener is a socket")
		}
		return translated("", "listen."+listener)
	}
}

// certificate takes a pair over: paths as they are, what is in the file as base64 into files.
func certificate(listener string) func(*draft, entry) verdict {
	return func(d *draft, e entry) verdict {
		if strings.Contains(e.path, "allow_termination_from") {
			list := texts(e.value)
			for _, one := range list {
				if strings.HasSuffix(one, "/0") {
					return dropped("believes everybody; write the networks that only proxies are in into proxy.trusted")
				}
			}
			have, _ := d.words["proxy.trusted"].([]string)
			for _, one := range list {
				if indexOf(have, one) < 0 {
					have = append(have, one)
				}
			}
			d.set("proxy.trusted", have)
			return translated("", "proxy.trusted")
		}
		at := "tls."
		switch {
		case listener == "", strings.HasSuffix(listener, "_public") && d.origin != "":
		default:
			at += listener + "."
		}
		word, name := at+"cert_file", strings.ReplaceAll(strings.TrimPrefix(at, "tls."), ".", "-")+"tls.crt"
		if strings.Contains(e.path, ".key.") {
			word, name = at+"key_file", strings.TrimSuffix(name, ".crt")+".key"
		}
		if !strings.HasSuffix(e.path, ".base64") {
			d.set(word, e.value)
			return translated("", word)
		}
		raw, err := base64.StdEncoding.DecodeString(text(e.value))
		if err != nil {
			return dropped("is no base64")
		}
		d.set(word, d.file(name, raw, strings.HasSuffix(word, "key_file")))
		return translated("in a file", word)
	}
}

// cors: only the list says anything to identityd. To the engines an empty one is everybody.
func cors(d *draft, e entry) verdict {
	at := "serve.public.cors."
	origins := d.strs(e.engine, at+"allowed_origins")
	switch strings.TrimPrefix(e.path, at) {
	case "enabled":
		if truth(e.value) && len(origins) == 0 {
			d.note("cors.origins", "%s let pages of every origin call it, since it named none; write those that may", e.engine)
			return dropped("without a list it lets everybody in; write cors.origins")
		}
		return dropped("follows from cors.origins")
	case "allowed_origins":
		if enabled := d.get(e.engine, at+"enabled"); enabled == nil || !truth(enabled) {
			return dropped("was switched off")
		}
		return d.corsOrigins(e)
	case "debug":
		return dropped("logs what is asked by others")
	case "allowed_headers", "allowed_methods", "exposed_headers", "max_age":
		if d.on(e.engine, at+"enabled") && len(goodOrigins(origins)) > 0 {
			return d.keep(e, "")
		}
	}
	return dropped("identityd does what browsers need, for the origins of cors.origins and of clients")
}

func (d *draft) corsOrigins(e entry) verdict {
	list := texts(e.value)
	good := goodOrigins(list)
	have, _ := d.words["cors.origins"].([]string)
	for _, one := range good {
		if indexOf(have, one) < 0 {
			have = append(have, one)
		}
	}
	if len(good) == 0 {
		d.note("cors.origins", "%s named no origin that can be taken (%s); write each as https://app.example.com", e.engine, strings.Join(list, ", "))
		return dropped("holds patterns or plain http alone; write each origin into cors.origins")
	}
	d.set("cors.origins", have)
	if len(good) < len(list) {
		return translated("only "+strings.Join(good, ", ")+": no patterns, and https:// beyond this machine", "cors.origins")
	}
	return translated("", "cors.origins")
}

// goodOrigins are those that identityd takes.
func goodOrigins(list []string) []string {
	var out []string
	for _, one := range list {
		one = strings.TrimSuffix(strings.ToLower(one), "/")
		u, err := url.Parse(one)
		if err != nil || strings.Contains(one, "*") || u.Hostname() == "" || u.Path != "" {
			continue
		}
		if u.Scheme == "https" || u.Scheme == "http" && onThisMachine(u.Hostname()) {
			out = append(out, one)
		}
	}
	return out
}

func adminCORS(_ *draft, _ entry) verdict {
	return dropped("pages of browsers do not call the admin API; an application of yours does, with a token")
}

func cookieDomain(d *draft, e entry) verdict {
	if d.origin != "" {
		return dropped("everything is on one host, and its cookies stay there")
	}
	d.set("urls.cookie_domain", strings.TrimPrefix(text(e.value), "."))
	return translated("", "urls.cookie_domain")
}

func sameSite(string) func(*draft, entry) verdict {
	return func(d *draft, e entry) verdict {
		switch strings.ToLower(text(e.value)) {
		case "lax":
			return dropped("identityd does so in any case")
		case "none":
			return dropped("would send the cookies along with requests of every other site; pages and engines are of one site here")
		}
		return d.keep(e, "")
	}
}

func remember(d *draft, e entry) verdict {
	if truth(e.value) {
		d.set("session.remember", "always")
	} else {
		d.set("session.remember", "never")
	}
	return translated("offered lets people choose", "session.remember")
}
