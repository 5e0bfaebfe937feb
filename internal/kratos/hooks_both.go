package kratos

import (
	"slices"
	"strings"

	"example.com/identityd/internal/ory"
)

// withOurHooks lays extra over v, and joins the lists of hooks: merged last, one of the kratos: block would take
// ours away, and with it that an address is verified before anybody is let in. Kratos runs the hooks of all
// methods only where a method has none of its own, which ours always have (docs/ory-quirks.md#q163).
func withOurHooks(v ory.Values, extra map[string]any) ory.Values {
	out := v.Merge(extra)
	theirs := ory.Values{}.Merge(extra)
	for path, value := range v {
		ours, ok := value.([]any)
		if !ok || !strings.HasSuffix(path, ".hooks") {
			continue
		}
		list, written := theirs[path].([]any)
		if flow, _, after := strings.Cut(path, ".after."); after && !written {
			list, written = theirs[flow+".after.hooks"].([]any)
		}
		if !written {
			continue
		}
		own := slices.DeleteFunc(slices.Clone(list), func(one any) bool { return slices.Contains(decided(), hookOf(one)) })
		if strings.HasPrefix(path, "selfservice.flows.registration.after.") {
			out[path] = slices.Concat(own, ours) // the last one answers, with a session or a page
			continue
		}
		out[path] = slices.Concat(ours, own) // who is refused is nobody's business
	}
	return out
}

// decided are the hooks that identityd itself decides about.
func decided() []string {
	return []string{"session", "show_verification_ui", "require_verified_address", "revoke_active_sessions", hookName}
}

func hookOf(one any) string {
	m, _ := one.(map[string]any)
	s, _ := m["hook"].(string)
	return s
}
