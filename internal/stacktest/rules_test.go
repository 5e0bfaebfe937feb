package stacktest

import "testing"

// registrationsOfClients opens the door by which clients register themselves.
func registrationsOfClients(t *testing.T) Option {
	lists := withFiles(t, map[string]string{"dynamic_registration_hosts": "['*']\n", "dynamic_registration_schemes": "[com.example.app]\n"})
	return func(set map[string]string) {
		lists(set)
		set["dynamic_registration.enabled"], set["dynamic_registration.per_hour"] = "true", "30"
	}
}

func TestWhatTheRulesRefuse(t *testing.T) {
	s := Start(
		t, orStandIn(t), registrationsOfClients(t), Set("throttle.enabled", "false"), // one person fails often here
		Set("login.first.code.enabled", "true"),
		Set("login.first.password.breach_check", "online"), Set("login.first.password.breach_host", noService),
	)
	t.Run("no client has an address that a browser runs", func(t *testing.T) { addressesOfClients(t, s) })
	t.Run("nobody chooses a password that attackers try", func(t *testing.T) { passwordsThatAttackersTry(t, s) })
	t.Run("nobody gets a name that looks like another", func(t *testing.T) { namesThatLookLikeOthers(t, s) })
	t.Run("nobody is told who has an account", func(t *testing.T) { whoHasAnAccount(t, s) })
	t.Run("nobody is told by a sign-in by code", func(t *testing.T) { codesOfNobody(t, s) })
	t.Run("no import brings a hash that costs too much", func(t *testing.T) { hashesThatCostTooMuch(t, s) })
}

// TestWithoutTheRulesItIsLetIn shows that the tests above would notice.
func TestWithoutTheRulesItIsLetIn(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t, registrationsOfClients(t), Set("throttle.enabled", "false"), UncheckedClients(), Without("judging passwords"), Without("judging people"),
		Set("login.first.code.enabled", "true"), Without("silence of codes"))
	t.Run("a client has any address", func(t *testing.T) { clientsUnchecked(t, s) })
	t.Run("people choose what attackers try", func(t *testing.T) { passwordsOfUpstream(t, s) })
	t.Run("people get any name, and any hash", func(t *testing.T) { peopleUnjudged(t, s) })
	t.Run("a sign-in by code tells who has an account", func(t *testing.T) { codesThatTell(t, s) })
}
