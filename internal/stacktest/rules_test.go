package stacktest

import "testing"

// registrationsOfClients opens the door by which clients register themselves.
func registrationsOfClients(t *testing.T) Option {
	return withFiles(t, map[string]string{"hydra": "oidc: {dynamic_client_registration: {enabled: true}}\n"})
}

func TestWhatTheRulesRefuse(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(
		t, registrationsOfClients(t),
		Set("login.first.password.breach_check", "online"), Set("login.first.password.breach_host", noService),
	)
	t.Run("no client has an address that a browser runs", func(t *testing.T) { addressesOfClients(t, s) })
	t.Run("nobody chooses a password that attackers try", func(t *testing.T) { passwordsThatAttackersTry(t, s) })
}

// TestWithoutTheRulesItIsLetIn shows that the tests above would notice.
func TestWithoutTheRulesItIsLetIn(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t, registrationsOfClients(t), UncheckedClients(), Without("judging passwords"))
	t.Run("a client has any address", func(t *testing.T) { clientsUnchecked(t, s) })
	t.Run("people choose what attackers try", func(t *testing.T) { passwordsOfUpstream(t, s) })
}
