package translate

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// facts settles what rules of single keys depend on: the profile, and where everything is found.
func (d *draft) facts() {
	d.issuer = d.str(hydra, "urls.self.issuer")
	if d.issuer == "" {
		d.issuer = d.str(hydra, "urls.self.public")
	}
	d.self = strings.TrimSuffix(d.str(kratos, "serve.public.base_url"), "/")
	d.ui = d.pages()
	if d.issuer == "" && len(d.values[hydra]) > 0 {
		d.issuer = "http://localhost:4444/"
	}
	d.profile = "production"
	main := firstOf(d.issuer, d.ui, d.self)
	u, err := url.Parse(main)
	if main == "" || err != nil || u.Scheme != "https" || d.on(hydra, "dev") || d.on(kratos, "dev") {
		d.profile = "development"
	}
	switch {
	case d.in.Production:
		d.profile = "production"
	case d.in.Development:
		d.profile = "development"
	}
	d.set("profile", d.profile)
	d.oneLoopback()
	d.addresses()
}

// oneLoopback: to a browser 127.0.0.1 and localhost are two hosts, which share no cookies, and only the second one
// can have passkeys. Where the files name both, which the quick starts do, development goes by the name.
func (d *draft) oneLoopback() {
	named, numbered := false, false
	for _, one := range []string{d.issuer, d.ui, d.self} {
		u, err := url.Parse(one)
		if one == "" || err != nil || !onThisMachine(u.Hostname()) {
			continue
		}
		named = named || u.Hostname() == "localhost"
		numbered = numbered || u.Hostname() != "localhost"
	}
	if !named || !numbered || d.profile != "development" {
		return
	}
	before := d.issuer
	for _, one := range []*string{&d.issuer, &d.ui, &d.self} {
		u, err := url.Parse(*one)
		if *one == "" || err != nil || !onThisMachine(u.Hostname()) {
			continue
		}
		u.Host = "localhost"
		if p := portOf(*one); p != "" {
			u.Host += ":" + p
		}
		*one = u.String()
	}
	if d.issuer != before {
		d.note("urls.hydra", "the issuer is %s now, and was %s: the pages were at localhost, which a browser takes for another host. "+
			"Applications that check the issuer need the new one", d.issuer, before)
	}
}

func portOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Port()
}

func firstOf(list ...string) string {
	for _, one := range list {
		if one != "" {
			return one
		}
	}
	return ""
}

// pages returns where the old pages were: the address that most of the settings name.
func (d *draft) pages() string {
	count := map[string]int{}
	for _, path := range []string{"urls.login", "urls.consent", "urls.logout", "urls.registration", "urls.error"} {
		count[originOf(d.str(hydra, path))]++
	}
	for _, flow := range []string{"login", "registration", "settings", "recovery", "verification", "error"} {
		count[originOf(d.str(kratos, "selfservice.flows."+flow+".ui_url"))]++
	}
	delete(count, "")
	best := ""
	for one, n := range count {
		if n > count[best] || n == count[best] && one < best {
			best = one
		}
	}
	return best
}

func originOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

// addresses decides between one address for everything, and the three that there were. One is what identityd
// is made for; three are kept where they work, because applications and bookmarks know them.
func (d *draft) addresses() {
	given := slices.DeleteFunc([]string{d.ui, d.issuer, d.self}, func(s string) bool { return s == "" })
	main := firstOf(d.issuer, d.ui, d.self)
	switch {
	case main == "":
		return
	case len(given) == 3 && !d.in.OneOrigin && apart(given) && d.together(given):
		d.set("urls.ui", d.ui)
		d.set("urls.hydra", d.issuer)
		d.set("urls.kratos", d.self)
		d.threeListeners()
		d.note("urls", "the three addresses stay as they were, so that nothing that calls them has to change. One for everything is simpler: "+
			"config import --one-origin puts it under %s", d.issuer)
		return
	}
	u, err := url.Parse(main)
	if err == nil && d.issuer == "" {
		// Nothing is in any token yet: the host is what counts.
		main = u.Scheme + "://" + u.Host
		u.Path = ""
	}
	if err != nil || strings.Trim(u.Path, "/") != "" {
		d.problems.add("the import", "urls.self.issuer", "has a path (%s), below which identityd cannot put its pages; give the issuer a host name of its own", main)
		return
	}
	if d.profile == "production" && u.Scheme != "https" && !onThisMachine(u.Hostname()) {
		d.problems.add("the import", "urls.self.issuer", "is not https (%s), which production asks for; use --profile development, or set it before", main)
		return
	}
	d.origin = main
	d.set("origin", main)
	d.oneListener(u)
	if u, err := url.Parse(d.self); err == nil && strings.Trim(u.Path, "/") != "" && sameOrigin(d.self, main) {
		d.note("origin", "Kratos was below %s, and its paths begin at the root now (/self-service, /sessions): programs that call it need the shorter ones, "+
			"or a proxy that cuts the rest", u.Path)
	}
	for _, old := range []struct{ what, address string }{{"the pages were", d.ui}, {"Kratos was", d.self}} {
		if old.address != "" && !sameOrigin(old.address, main) {
			d.note("origin", "%s at %s, and everything is at %s now, which stays the issuer: bookmarks, providers and programs that call the old "+
				"address need the new one, or a redirect", old.what, old.address, main)
		}
	}
}

// apart reports whether each has an address of its own: two listeners cannot be at one.
func apart(list []string) bool {
	for i, one := range list {
		if slices.ContainsFunc(list[:i], func(s string) bool { return sameOrigin(s, one) }) {
			return false
		}
	}
	return true
}

// together reports whether cookies can be shared between the addresses, and their schemes agree with the
// profile.
func (d *draft) together(list []string) bool {
	var hosts []string
	for _, raw := range list {
		u, err := url.Parse(raw)
		if err != nil || d.profile == "production" && u.Scheme != "https" && !onThisMachine(u.Hostname()) {
			return false
		}
		hosts = append(hosts, strings.ToLower(u.Hostname()))
	}
	slices.Sort(hosts)
	if hosts = slices.Compact(hosts); len(hosts) == 1 {
		return true
	}
	parent := func(h string) string {
		if net.ParseIP(h) != nil {
			return h
		}
		p, err := publicsuffix.EffectiveTLDPlusOne(h)
		if err != nil {
			return h
		}
		return p
	}
	return !slices.ContainsFunc(hosts, func(h string) bool { return parent(h) != parent(hosts[0]) })
}

// oneListener: in development nothing is in front, and the port is that of the address.
func (d *draft) oneListener(u *url.URL) {
	ui := ":3000"
	if d.profile == "development" && u.Port() != "" {
		ui = ":" + u.Port()
	}
	d.set("listen.ui", ui)
	for _, one := range []string{"hydra_public", "kratos_public"} {
		d.set("listen."+one, "off")
	}
	d.adminListeners()
}

func (d *draft) threeListeners() {
	ports := map[string]string{"ui": ":3000", "hydra_public": ":4444", "kratos_public": ":4433"}
	if u, err := url.Parse(d.ui); err == nil && u.Port() != "" && d.profile == "development" {
		ports["ui"] = ":" + u.Port()
	}
	for _, one := range []struct{ engine, listener, address string }{{hydra, "hydra_public", d.issuer}, {kratos, "kratos_public", d.self}} {
		u, err := url.Parse(one.address)
		if port := d.str(one.engine, "serve.public.port"); port != "" {
			ports[one.listener] = ":" + port
		} else if err == nil && u.Port() != "" && d.profile == "development" {
			ports[one.listener] = ":" + u.Port()
		}
		if path, ok := strings.CutPrefix(d.str(one.engine, "serve.public.host"), "unix:"); ok {
			ports[one.listener] = "unix:" + path
		}
	}
	for listener, port := range ports {
		d.set("listen."+listener, port)
	}
	d.adminListeners()
}

func (d *draft) adminListeners() {
	for engine, port := range map[string]string{hydra: "4445", kratos: "4434"} {
		host := d.str(engine, "serve.admin.host")
		if path, ok := strings.CutPrefix(host, "unix:"); ok {
			d.set("listen."+engine+"_admin", "unix:"+path)
			continue
		}
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			host = "127.0.0.1"
		}
		d.set("listen."+engine+"_admin", net.JoinHostPort(host, firstOf(d.str(engine, "serve.admin.port"), port)))
	}
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
