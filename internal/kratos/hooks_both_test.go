package kratos

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHooksOfTheBlockRunWithOurs: a list in the kratos: block replaced ours, and people came in without a verified
// address.
func TestHooksOfTheBlockRunWithOurs(t *testing.T) {
	web := func(url string) map[string]any {
		return map[string]any{"hook": "web_hook", "config": map[string]any{"url": url, "method": "POST"}}
	}
	session := map[string]any{"hook": "session"}
	const flows = "selfservice.flows."
	extra := map[string]any{"selfservice": map[string]any{"flows": map[string]any{
		"registration": map[string]any{
			"before": map[string]any{"hooks": []any{web("https://x/before")}},
			"after": map[string]any{
				"hooks":    []any{web("https://x/all")},
				"password": map[string]any{"hooks": []any{session, web("https://x/password"), map[string]any{"hook": "show_verification_ui"}}},
			},
		},
		"login": map[string]any{"after": map[string]any{"password": map[string]any{"hooks": []any{web("https://x/in")}}}},
	}}}
	strict := withOurHooks(values(Config{Mail: &Mail{}, VerifyAddress: true}), extra)
	easy := withOurHooks(values(Config{}), extra)
	for _, one := range []struct {
		name      string
		got, want any
	}{
		{"ours comes last after a sign-up", strict[flows+"registration.after.password.hooks"], []any{web("https://x/password"), ourHook(hookInvited), callsHook("password"), ourHook(hookSignedUp)}},
		{"hooks of all methods run for a method of ours", strict[flows+"registration.after.oidc.hooks"], []any{web("https://x/all"), ourHook(hookInvited), callsHook("oidc"), ourHook(hookSignedUp)}},
		{"ours comes first after a sign-in", strict[flows+"login.after.password.hooks"], []any{ourHook(hookSignedIn), callsHook("password"), web("https://x/in")}},
		{"ours comes first before a sign-up", strict[flows+"registration.before.hooks"], []any{ourHook(hookBegin), web("https://x/before")}},
		{"what is not written stays", strict[flows+"login.after.oidc.hooks"], []any{ourHook(hookSignedIn), callsHook("oidc")}},
		{"a session is given once", easy[flows+"registration.after.password.hooks"], []any{web("https://x/password"), ourHook(hookInvited), callsHook("password"), session}},
	} {
		t.Run(one.name, func(t *testing.T) {
			if diff := cmp.Diff(one.want, one.got); diff != "" {
				t.Errorf("hooks differ (-want +got):\n%s", diff)
			}
		})
	}
}
