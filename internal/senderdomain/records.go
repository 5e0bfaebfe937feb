package senderdomain

import (
	"context"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// spf looks who may send for a domain (RFC 7208).
func spf(ctx context.Context, r Resolver, domain string) Note {
	const record = "SPF"
	list, answered := texts(ctx, r, domain, "v=spf1")
	switch {
	case !answered:
		return silent(record, domain)
	case len(list) == 0:
		return bad(record, `publish a TXT record such as "v=spf1 include:<your mail service> -all"`, "%s has no SPF record, so that nobody knows which servers send for it", domain)
	case len(list) > 1:
		return bad(record, "make one record of them", "%s has %d SPF records, which is as good as none", domain, len(list))
	}
	for word := range strings.FieldsSeq(strings.ToLower(list[0])) {
		if word == "all" || word == "+all" {
			return bad(record, "end it with -all or ~all", "%s lets everybody send for it (%s)", domain, list[0])
		}
	}
	return good(record, "%s", list[0])
}

// selectors are those of the large services. A domain may have any others.
func selectors() []string {
	return []string{"default", "dkim", "mail", "google", "selector1", "selector2", "k1", "s1", "s2", "mxvault", "fm1", "pm", "resend", "mailo", "smtp"}
}

// dkim looks for a key (RFC 6376). Its name is in no list: only a mail that has arrived tells.
func dkim(ctx context.Context, r Resolver, domain string) Note {
	const record = "DKIM"
	for _, s := range selectors() {
		name := s + "._domainkey." + domain
		all, err := r.LookupTXT(ctx, name)
		if err != nil && !missing(err) {
			return silent(record, name)
		}
		for _, one := range all {
			if strings.Contains(one, "p=") {
				return good(record, "there is a key at %s", name)
			}
		}
	}
	return bad(record, "look for dkim=pass in the mail that arrives; the mail service says how to publish its key",
		"%s has no key under the names that services usually take", domain)
}

// dmarc looks what is to be done with mails that fail the others (RFC 7489).
func dmarc(ctx context.Context, r Resolver, domain string) Note {
	const record = "DMARC"
	names := []string{domain}
	if parent, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil && parent != domain {
		names = append(names, parent)
	}
	for _, name := range names {
		list, answered := texts(ctx, r, "_dmarc."+name, "v=dmarc1")
		switch {
		case !answered:
			return silent(record, "_dmarc."+name)
		case len(list) > 1:
			return bad(record, "make one record of them", "_dmarc.%s has %d records, which is as good as none", name, len(list))
		case len(list) == 1:
			return good(record, "%s", list[0])
		}
	}
	return bad(record, `publish a TXT record at _dmarc.`+domain+` such as "v=DMARC1; p=none; rua=mailto:<yours>"`,
		"%s has no DMARC record, and large receivers ask for one", domain)
}
