package outbound

import "context"

// refuse counts, and tells the operator what nobody else may know.
func (t *transport) refuse(ctx context.Context, kind Kind, host, resolved string) {
	t.policy.refused.Add(1)
	if t.policy.cfg.Refused != nil {
		t.policy.cfg.Refused(kind)
	}
	attrs := []any{"component", t.component, "kind", string(kind), "host", host}
	if resolved != "" {
		attrs = append(attrs, "address", resolved)
	}
	t.policy.cfg.Log.WarnContext(ctx, "outgoing call refused", append(attrs, "cure", cure(kind))...)
}

func cure(kind Kind) string {
	switch kind {
	case OwnListener:
		return "nothing admits the listeners of identityd itself; correct the address"
	case Private:
		return "if it is meant, name the host, host:port or network in outbound.allow"
	case Metadata, Reserved:
		return "if it is meant, name the network in outbound.allow; a host name there does not admit it"
	case AirGap:
		return "nothing leaves while outbound.none is true"
	case TooLarge:
		return "answers of more than 10 MiB are not read"
	case TooSlow:
		return "make the server answer sooner"
	case Downgrade, Redirects, Scheme:
	}
	return "correct the address, so that it needs no redirect"
}
