package store

// migration makes one step of the schema of identityd_* tables. Its number is its place in the list,
// from 1. What was released is never edited: another step follows instead. Statements have to be
// repeatable (IF NOT EXISTS), because on CockroachDB a crash may come between them and their record.
type migration struct {
	name       string
	statements []string
	// compatibleFrom is the oldest number of steps that a process has to know of to go on serving once
	// this step was made; 0 admits all. A release that brings new migrations of an engine appends a step,
	// without statements if need be, so that older processes know what they may do.
	compatibleFrom int
}

func ownMigrations(d Dialect) []migration {
	instant := "TIMESTAMPTZ"
	if d == SQLite {
		instant = "INTEGER" // milliseconds since 1970: SQLite knows no other instant that compares
	}
	id := "UUID" // as the engines have it, so that both can be joined
	if d == SQLite {
		id = "TEXT"
	}
	return []migration{
		{name: "lease", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_lease (
				name TEXT PRIMARY KEY,
				holder TEXT NOT NULL,
				fence BIGINT NOT NULL,
				expires_at ` + instant + ` NOT NULL)`,
		}},
		{name: "janitor", statements: []string{
			// Milliseconds since 1970 are the same on all three.
			`CREATE TABLE IF NOT EXISTS identityd_janitor (
				name TEXT PRIMARY KEY,
				fence BIGINT NOT NULL,
				began_ms BIGINT NOT NULL DEFAULT 0,
				ended_ms BIGINT NOT NULL DEFAULT 0,
				backlog BIGINT NOT NULL DEFAULT 0,
				removed BIGINT NOT NULL DEFAULT 0,
				removed_ever BIGINT NOT NULL DEFAULT 0)`,
		}},
		{name: "installation", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_installation (
				singleton BIGINT PRIMARY KEY,
				id TEXT NOT NULL,
				profile TEXT NOT NULL,
				issuer TEXT NOT NULL,
				rp_id TEXT NOT NULL,
				pairwise TEXT NOT NULL,
				made_ms BIGINT NOT NULL,
				made_by TEXT NOT NULL,
				changed_ms BIGINT NOT NULL,
				changed_by TEXT NOT NULL)`,
		}},
		// How far `identityd database copy` is, in its target (internal/move).
		{name: "copy", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_copy (
				engine TEXT NOT NULL,
				name TEXT NOT NULL,
				state TEXT NOT NULL,
				digest TEXT NOT NULL,
				row_count BIGINT NOT NULL,
				PRIMARY KEY (engine, name))`,
		}},
		{name: "revocation", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_revocation (
				family TEXT PRIMARY KEY,
				noted_ms BIGINT NOT NULL)`,
		}},
		{name: "logout", statements: []string{
			// Sessions of Kratos that ended, until what hangs on them has ended too. Without session_id: those of
			// the person that are not alive.
			`CREATE TABLE IF NOT EXISTS identityd_logout_ending (
				subject TEXT NOT NULL,
				session_id TEXT NOT NULL,
				noted_ms BIGINT NOT NULL,
				PRIMARY KEY (subject, session_id))`,
			// Whom to tell of the end of a session of Hydra. ended_ms is when it was given up, 0 while it waits.
			`CREATE TABLE IF NOT EXISTS identityd_logout_outbox (
				id TEXT PRIMARY KEY,
				session_id TEXT NOT NULL,
				client_id TEXT NOT NULL,
				noted_ms BIGINT NOT NULL,
				due_ms BIGINT NOT NULL,
				ended_ms BIGINT NOT NULL DEFAULT 0,
				attempts BIGINT NOT NULL DEFAULT 0,
				reason TEXT NOT NULL DEFAULT '',
				UNIQUE (session_id, client_id))`,
			`CREATE INDEX IF NOT EXISTS identityd_logout_outbox_due ON identityd_logout_outbox (ended_ms, due_ms)`,
		}},
		{name: "audit", statements: []string{
			// One chain for each writer: nobody updates a row, and no two processes write next to each other.
			`CREATE TABLE IF NOT EXISTS identityd_audit (
				id TEXT PRIMARY KEY,
				writer TEXT NOT NULL,
				seq BIGINT NOT NULL,
				at_ms BIGINT NOT NULL,
				kind TEXT NOT NULL,
				outcome TEXT NOT NULL,
				actor TEXT NOT NULL,
				subject TEXT NOT NULL,
				client_id TEXT NOT NULL,
				session_id TEXT NOT NULL,
				request_id TEXT NOT NULL,
				region TEXT NOT NULL,
				details TEXT NOT NULL,
				sealed TEXT NOT NULL,
				key_name TEXT NOT NULL,
				prev TEXT NOT NULL,
				hash TEXT NOT NULL)`,
			`CREATE INDEX IF NOT EXISTS identityd_audit_subject ON identityd_audit (subject, at_ms)`,
			`CREATE INDEX IF NOT EXISTS identityd_audit_at ON identityd_audit (at_ms)`,
			// The keys of what is personal in them. Without its key nothing of a person can be read.
			`CREATE TABLE IF NOT EXISTS identityd_audit_key (
				name TEXT PRIMARY KEY,
				wrapped TEXT NOT NULL,
				wrap_id TEXT NOT NULL,
				made_ms BIGINT NOT NULL,
				erased_ms BIGINT NOT NULL DEFAULT 0)`,
			// What binds the ends of all chains, each bound to the one before it.
			`CREATE TABLE IF NOT EXISTS identityd_audit_anchor (
				number BIGINT PRIMARY KEY,
				at_ms BIGINT NOT NULL,
				writer TEXT NOT NULL,
				prev TEXT NOT NULL,
				heads TEXT NOT NULL,
				cuts TEXT NOT NULL,
				hash TEXT NOT NULL,
				mac TEXT NOT NULL)`,
			// Up to where the retention has removed a chain.
			`CREATE TABLE IF NOT EXISTS identityd_audit_cut (
				writer TEXT PRIMARY KEY,
				seq BIGINT NOT NULL,
				hash TEXT NOT NULL)`,
			// What the configuration of a process was when it last started.
			`CREATE TABLE IF NOT EXISTS identityd_audit_config (
				name TEXT PRIMARY KEY,
				digest TEXT NOT NULL,
				at_ms BIGINT NOT NULL)`,
		}},
		{name: "throttle", statements: []string{
			// Failed attempts (internal/throttle). The key begins with the region; accounts in it are hashed. The last
			// four columns are the rule that the row was last counted by.
			`CREATE TABLE IF NOT EXISTS identityd_throttle (
				key TEXT PRIMARY KEY,
				debt_ms BIGINT NOT NULL,
				wait_ms BIGINT NOT NULL,
				until_ms BIGINT NOT NULL,
				seen_ms BIGINT NOT NULL,
				leak_ms BIGINT NOT NULL,
				over_ms BIGINT NOT NULL,
				first_ms BIGINT NOT NULL,
				longest_ms BIGINT NOT NULL)`,
		}},
		// Which secrets are in use, what for, and who serves with which (internal/sealing). No secret is in it.
		{name: "secret", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_secret (
				kind TEXT NOT NULL,
				fingerprint TEXT NOT NULL,
				first_ms BIGINT NOT NULL,
				sealing_ms BIGINT NOT NULL,
				sealed_rows BIGINT NOT NULL DEFAULT 0,
				until_ms BIGINT NOT NULL DEFAULT 0,
				counted_ms BIGINT NOT NULL DEFAULT 0,
				PRIMARY KEY (kind, fingerprint))`,
			`CREATE TABLE IF NOT EXISTS identityd_secret_reader (
				holder TEXT PRIMARY KEY,
				knows TEXT NOT NULL,
				seen_ms BIGINT NOT NULL)`,
		}},
		// What a file made, which of its states is in force, and who serves with which (internal/declare).
		{name: "declared", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_declared (
				kind TEXT NOT NULL,
				name TEXT NOT NULL,
				owner TEXT NOT NULL,
				ref TEXT NOT NULL,
				digest TEXT NOT NULL,
				secret TEXT NOT NULL,
				found TEXT NOT NULL,
				made_ms BIGINT NOT NULL,
				changed_ms BIGINT NOT NULL,
				left_ms BIGINT NOT NULL,
				PRIMARY KEY (kind, name))`,
			`CREATE TABLE IF NOT EXISTS identityd_declared_file (
				owner TEXT NOT NULL,
				digest TEXT NOT NULL,
				generation BIGINT NOT NULL,
				at_ms BIGINT NOT NULL,
				made_by TEXT NOT NULL,
				done BIGINT NOT NULL,
				PRIMARY KEY (owner, digest))`,
			`CREATE TABLE IF NOT EXISTS identityd_declared_reader (
				holder TEXT PRIMARY KEY,
				owner TEXT NOT NULL,
				generation BIGINT NOT NULL,
				seen_ms BIGINT NOT NULL)`,
		}},
		// Secrets of clients that are honored beside those that took their place (docs/adr/0065-second-secrets.md).
		{name: "client secret", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_client_secret (
				current_digest TEXT PRIMARY KEY,
				client_id TEXT NOT NULL,
				secret_hash TEXT NOT NULL,
				made_ms BIGINT NOT NULL,
				until_ms BIGINT NOT NULL)`,
			`CREATE INDEX IF NOT EXISTS identityd_client_secret_of ON identityd_client_secret (client_id)`,
		}},
		// Whose access ends, until it has (internal/offboard). done is 1 once it was carried out and waits for another look.
		{name: "offboarding", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_offboarding (
				identity_id TEXT NOT NULL,
				keep_session TEXT NOT NULL,
				reason TEXT NOT NULL,
				noted_ms BIGINT NOT NULL,
				due_ms BIGINT NOT NULL,
				done BIGINT NOT NULL DEFAULT 0,
				attempts BIGINT NOT NULL DEFAULT 0,
				PRIMARY KEY (identity_id, keep_session))`,
			`CREATE INDEX IF NOT EXISTS identityd_offboarding_due ON identityd_offboarding (due_ms)`,
		}},
		// What receivers of hooks have to be told (internal/hooks). ended_ms is when it was given up, 0 while it waits.
		{name: "hooks", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_hook_outbox (
				id TEXT PRIMARY KEY,
				hook TEXT NOT NULL,
				event TEXT NOT NULL,
				subject TEXT NOT NULL,
				body TEXT NOT NULL,
				noted_ms BIGINT NOT NULL,
				due_ms BIGINT NOT NULL,
				ended_ms BIGINT NOT NULL DEFAULT 0,
				attempts BIGINT NOT NULL DEFAULT 0,
				reason TEXT NOT NULL DEFAULT '')`,
			`CREATE INDEX IF NOT EXISTS identityd_hook_outbox_due ON identityd_hook_outbox (ended_ms, due_ms)`,
			`CREATE INDEX IF NOT EXISTS identityd_hook_outbox_subject ON identityd_hook_outbox (subject)`,
		}},
		// What another system calls a person who came by an import, and digests of what it said (internal/kratos).
		{name: "external id", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_external_id (
				external_id TEXT PRIMARY KEY,
				identity_id ` + id + ` NOT NULL,
				digests TEXT NOT NULL,
				at_ms BIGINT NOT NULL)`,
			`CREATE INDEX IF NOT EXISTS identityd_external_id_identity ON identityd_external_id (identity_id)`,
		}},
		// Who may sign up (internal/store/invitations.go). Of the link there is a hash alone.
		{name: "invitation", statements: []string{
			`CREATE TABLE IF NOT EXISTS identityd_invitation (
				id TEXT PRIMARY KEY,
				hash TEXT NOT NULL UNIQUE,
				address TEXT NOT NULL,
				group_names TEXT NOT NULL,
				client_id TEXT NOT NULL,
				mailed BIGINT NOT NULL,
				made_ms BIGINT NOT NULL,
				expires_ms BIGINT NOT NULL,
				revoked_ms BIGINT NOT NULL DEFAULT 0,
				used_ms BIGINT NOT NULL DEFAULT 0,
				used_by TEXT NOT NULL DEFAULT '')`,
			`CREATE INDEX IF NOT EXISTS identityd_invitation_made ON identityd_invitation (made_ms)`,
		}},
	}
}
