package senderdomain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"
)

// Resolver asks a name server. *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupHost(ctx context.Context, host string) ([]string, error)
}

// Note is what was found under one heading.
type Note struct {
	// Record is SPF, DKIM, DMARC or MX.
	Record string
	// Good says that there is nothing to do.
	Good bool
	Text string
	// Cure is empty where Good.
	Cure string
}

// Domain returns the domain of a mail address, empty where it is one that no name server knows.
func Domain(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	domain = strings.TrimSuffix(strings.ToLower(domain), ".")
	if _, err := publicsuffix.EffectiveTLDPlusOne(domain); err != nil || net.ParseIP(strings.Trim(domain, "[]")) != nil {
		return ""
	}
	for _, own := range []string{"localhost", "test", "invalid", "local", "internal", "lan"} {
		if strings.HasSuffix("."+domain, "."+own) {
			return ""
		}
	}
	return domain
}

// Look returns what a domain says, in an order that stays.
func Look(ctx context.Context, r Resolver, domain string) []Note {
	looks := []func(context.Context, Resolver, string) Note{answers, spf, dkim, dmarc}
	notes := make([]Note, len(looks))
	var all sync.WaitGroup
	for i, look := range looks {
		all.Go(func() { notes[i] = look(ctx, r, domain) })
	}
	all.Wait()
	return notes
}

func bad(record, cure, format string, args ...any) Note {
	return Note{Record: record, Text: fmt.Sprintf(format, args...), Cure: cure}
}

func good(record, format string, args ...any) Note {
	return Note{Record: record, Good: true, Text: fmt.Sprintf(format, args...)}
}

// silent is the note where no name server answered.
func silent(record, name string) Note {
	return bad(record, "look at /etc/resolv.conf, or leave the look-up out with --offline", "%s could not be looked up: the name server does not answer", name)
}

// answers looks whether there is somebody to answer to: many servers refuse a sender who has nobody.
func answers(ctx context.Context, r Resolver, domain string) Note {
	list, err := r.LookupMX(ctx, domain)
	switch {
	case err == nil && len(list) == 1 && strings.Trim(list[0].Host, ".") == "":
		return bad("MX", "remove the null MX, or write a sender into mail.from of a domain that takes mail", "%s says that it takes no mail: many servers refuse such a sender", domain)
	case err == nil && len(list) > 0:
		return good("MX", "%s takes mail at %s", domain, strings.TrimSuffix(list[0].Host, "."))
	case err != nil && !missing(err):
		return silent("MX", domain)
	}
	_, err = r.LookupHost(ctx, domain)
	switch {
	case err == nil:
		return good("MX", "%s has an address, and no MX", domain)
	case !missing(err):
		return silent("MX", domain)
	}
	return bad("MX", "correct mail.from, or publish an MX record", "%s has neither MX nor address: many servers refuse such a sender", domain)
}

func missing(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// texts returns the records at a name that begin with a version.
func texts(ctx context.Context, r Resolver, name, version string) (out []string, answered bool) {
	all, err := r.LookupTXT(ctx, name)
	if err != nil && !missing(err) {
		return nil, false
	}
	for _, one := range all {
		low := strings.ToLower(strings.TrimSpace(one))
		if low == version || strings.HasPrefix(low, version+" ") || strings.HasPrefix(low, version+";") {
			out = append(out, strings.TrimSpace(one))
		}
	}
	return out, true
}
