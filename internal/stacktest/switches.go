package stacktest

import (
	"time"

	"example.com/identityd/internal/stack"
)

// off is how the name of a switch begins among the words of a configuration, where none can.
const off = "\x00"

// switches are what tests can switch off to show that another test would notice. Each is a field of
// stack.Options, which no setting reaches.
func switches() map[string]func(*stack.Options) {
	return map[string]func(*stack.Options){
		"leases":                func(o *stack.Options) { o.WithoutLeases = true },
		"claims of grants":      func(o *stack.Options) { o.UnclaimedGrants = true },
		"address of the client": func(o *stack.Options) { o.BelievedHeaders = true },
		"length of states":      func(o *stack.Options) { o.AnyState = true },
		"outbound":              func(o *stack.Options) { o.AnyOutbound = true },
		"long calls":            func(o *stack.Options) { o.OutboundTimeout = time.Second },
		"addresses of clients":  func(o *stack.Options) { o.UncheckedClients = true },
		"fewer reads":           func(o *stack.Options) { o.UpstreamReads = true },
		"memory of secrets":     func(o *stack.Options) { o.ForgottenSecrets = true },
		"records of changes":    func(o *stack.Options) { o.UnwrittenChanges = true },
		"fixes of the APIs":     func(o *stack.Options) { o.UnfixedAPIs = true },
		"keys of ours":          func(o *stack.Options) { o.UpstreamKeys = true },
		"judging people":        func(o *stack.Options) { o.UnjudgedPeople = true },
		"renewing hashes":       func(o *stack.Options) { o.OldHashes = true },
		"reading at once":       func(o *stack.Options) { o.EagerPeople = true },
		"silence of codes":      func(o *stack.Options) { o.TellingCodes = true },
		"judging passwords":     func(o *stack.Options) { o.UpstreamPasswords = true },
		"reserving attempts":    func(o *stack.Options) { o.UnreservedAttempts = true },
		"even logins":           func(o *stack.Options) { o.UnevenLogins = true },
		"ceiling of hashes":     func(o *stack.Options) { o.UnboundedHashes = true },
		"discretion":            func(o *stack.Options) { o.TalkativeErrors = true },
		"lasting continuity":    func(o *stack.Options) { o.BrokenContinuity = true },
		"older keys of forms":   func(o *stack.Options) { o.NewestKeyOnly = true },
		"patience with files":   func(o *stack.Options) { o.LookAtCertificates = 20 * time.Millisecond },
		"patience with spans":   func(o *stack.Options) { o.SpanPause = time.Hour },
		"patience with hands":   func(o *stack.Options) { o.LookForDrift = 300 * time.Millisecond },
		"clocks of sign-ins":    func(o *stack.Options) { o.FutureSignIns = true },
		"sealing anew":          func(o *stack.Options) { o.WithoutResealing = true },
	}
}

// Without switches one of them off.
func Without(name string) Option { return Set(off+name, "") }

// WithoutLeases lets the stack do what it likes while others do the same.
func WithoutLeases() Option { return Without("leases") }

// UnclaimedGrants lets parallel requests redeem one code as upstream does.
func UnclaimedGrants() Option { return Without("claims of grants") }

// UnwrittenChanges lets the admin APIs change what the audit trail does not take.
func UnwrittenChanges() Option { return Without("records of changes") }

// UncheckedClients lets clients have any address, as upstream does.
func UncheckedClients() Option { return Without("addresses of clients") }

// UnfixedAPIs leaves the engines' APIs the faults that they have at the pin.
func UnfixedAPIs() Option { return Without("fixes of the APIs") }

// AnyOutbound lets the engines call every address, as upstream does.
func AnyOutbound() Option { return Without("outbound") }

// takeSwitches takes the switches out of the words of a configuration.
func takeSwitches(set map[string]string) []func(*stack.Options) {
	var out []func(*stack.Options)
	for name, change := range switches() {
		if _, ok := set[off+name]; ok {
			delete(set, off+name)
			out = append(out, change)
		}
	}
	return out
}
