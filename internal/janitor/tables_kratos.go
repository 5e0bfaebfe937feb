package janitor

import "time"

// What Kratos calls the states of mail (kratos: courier/message.go).
const (
	mailSent      = "2"
	mailAbandoned = "4"
)

// exchangeLife is how long Kratos takes the codes of a session token exchange.
const exchangeLife = time.Hour

// kratosTables are Kratos'. Its own cleanup leaves mail and errors for ever, and removes exchanges that
// are still good (docs/ory-quirks.md#q36).
func kratosTables() []table {
	ended := func(name, column string, keep func(Limits) time.Duration) table {
		return table{name: name, in: inKratos, key: "id", dead: func(c *clause) string {
			return c.before(column, c.ago(keep(c.limits)))
		}}
	}
	flows := func(l Limits) time.Duration { return l.KeepFlows }
	sessions := ended("sessions", "expires_at", func(l Limits) time.Duration { return l.KeepSessions })
	sessions.order = "expires_at"
	sessions.until = func(c *clause) time.Time { return c.ago(c.limits.KeepSessions) }
	out := []table{sessions}
	for _, name := range []string{
		// Codes and tokens before the flows that they belong to, which would take them along.
		"identity_login_codes", "identity_registration_codes", "identity_recovery_codes",
		"identity_verification_codes", "identity_recovery_tokens", "identity_verification_tokens",
		"selfservice_login_flows", "selfservice_registration_flows", "selfservice_settings_flows",
		"selfservice_recovery_flows", "selfservice_verification_flows", "continuity_containers",
	} {
		out = append(out, ended(name, "expires_at", flows))
	}
	mail := ended("courier_messages", "", nil)
	mail.dead = func(c *clause) string {
		// Queued mail stays however old it is: it is not delivered yet.
		return "x.status IN (" + mailSent + ", " + mailAbandoned + ") AND " +
			c.before("updated_at", c.ago(c.limits.KeepMail))
	}
	return append(
		out,
		ended("session_token_exchanges", "created_at", func(l Limits) time.Duration { return exchangeLife + l.KeepFlows }),
		mail,
		ended("selfservice_errors", "created_at", func(l Limits) time.Duration { return l.KeepErrors }),
	)
}

// readerKept is how long a process that said which secrets it serves with is remembered.
const readerKept = 24 * time.Hour

// auditKeys is how much longer than the records the keys of a day are kept.
const auditKeys = 48 * time.Hour

// invitationKept is how long an invitation is remembered after it has expired.
const invitationKept = 30 * 24 * time.Hour

// ownTables are those of identityd that grow. What waits in the outbox of sign-outs leaves it on its own;
// what was given up stays for people to see, as mail does. Of the audit trail goes what is before a cut, which
// only audit.Prune makes, at an anchor.
func ownTables() []table {
	return []table{
		{
			// Whoever is gone is nobody's under any name.
			name: "identityd_external_id", in: inKratos, key: "external_id", shared: true,
			dead: func(*clause) string { return "NOT EXISTS (SELECT 1 FROM identities AS i WHERE i.id = x.identity_id)" },
		},
		{
			name: "identityd_logout_outbox", in: inKratos, key: "id", shared: true,
			dead: func(c *clause) string {
				return "x.ended_ms > 0 AND x.ended_ms < " + c.arg(c.ago(c.limits.KeepMail).UnixMilli())
			},
		},
		{
			name: "identityd_hook_outbox", in: inKratos, key: "id", shared: true,
			dead: func(c *clause) string {
				return "x.ended_ms > 0 AND x.ended_ms < " + c.arg(c.ago(c.limits.KeepMail).UnixMilli())
			},
		},
		{
			// A count whose failures have all leaked away is the same as none.
			name: "identityd_throttle", in: inKratos, key: "key", shared: true,
			dead: func(c *clause) string {
				now := c.now.UnixMilli()
				return "x.debt_ms < " + c.arg(now) + " AND x.until_ms < " + c.arg(now)
			},
		},
		{
			// Processes that ended without saying so.
			name: "identityd_secret_reader", in: inKratos, key: "holder", shared: true,
			dead: func(c *clause) string { return "x.seen_ms < " + c.arg(c.ago(readerKept).UnixMilli()) },
		},
		{
			name: "identityd_declared_reader", in: inKratos, key: "holder", shared: true,
			dead: func(c *clause) string { return "x.seen_ms < " + c.arg(c.ago(readerKept).UnixMilli()) },
		},
		{
			// Secrets whose grace is over.
			name: "identityd_client_secret", in: inKratos, key: "current_digest", shared: true,
			dead: func(c *clause) string { return "x.until_ms < " + c.arg(c.now.UnixMilli()) },
		},
		{
			// Kept for a while, so that who opens an old link is told what became of it.
			name: "identityd_invitation", in: inKratos, key: "id", shared: true,
			dead: func(c *clause) string { return "x.expires_ms < " + c.arg(c.ago(invitationKept).UnixMilli()) },
		},
		{
			name: "identityd_audit", in: inKratos, key: "id", shared: true,
			order: "at_ms", millis: true, until: func(c *clause) time.Time { return c.ago(c.limits.KeepAudit) },
			dead: func(*clause) string {
				return "EXISTS (SELECT 1 FROM identityd_audit_cut AS cut WHERE cut.writer = x.writer AND x.seq <= cut.seq)"
			},
		},
		{
			name: "identityd_audit_key", in: inKratos, key: "name", shared: true,
			dead: func(c *clause) string {
				return "x.name LIKE 'day:%' AND x.made_ms < " + c.arg(c.ago(c.limits.KeepAudit+auditKeys).UnixMilli())
			},
		},
	}
}
