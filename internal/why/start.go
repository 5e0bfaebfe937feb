package why

// startFailures are what ends a command or a start. No request is there to recognize them by: whoever returns the error
// names the code (internal/stack/codes.go).
func startFailures() []Failure {
	const seen = "`identityd` prints it at its end, with exit code 1"
	row := func(code, means, cure string) Failure {
		return Failure{Code: code, Area: "start", Seen: seen, Means: means, Cure: cure}
	}
	return []Failure{
		{
			Code: "configuration_wrong", Area: "start", Seen: "A line for each problem (its path, what is wrong, the cure), then one with their number and the code; `code` of `identityd config check --json`; exit code 2",
			Means: "The file, a variable or a flag says something that cannot be so. Nothing was started, opened or changed.",
			Cure:  "Do what each line says; [configuration.md](configuration.md) explains the words, `identityd config check` says whether all is well.",
		},
		{
			Code: "usage_wrong", Area: "start", Seen: "What is wrong with the arguments, then which --help to read and the code; exit code 2",
			Means: "The command was called in a way that it does not know.",
			Cure:  "`identityd COMMAND --help` has its arguments and examples, as has [commands.md](commands.md).",
		},
		{
			Code: "lease_lost", Area: "service", Seen: "Nothing: work in the background goes on in another process. The line `lost a lease` of the log has the code",
			Means: "The process lost a lease before it gave it back: its database did not answer in time, or the process stood still. What it did under the lease was stopped.",
			Cure:  "Nothing, if it is rare. Otherwise see whether the database is slow (`identityd doctor`) and the machine overloaded; `identityd_lease_lost_total` counts them.",
		},
		row("address_taken", "Another process listens at the address of a listener already, perhaps another identityd.",
			"Stop it, or give the listener another address in the word that the message names, below listen. Nothing was migrated or changed."),
		row("address_refused", "The address of a listener cannot be bound: it is none of this machine's, or its port is one for administrators alone (below 1024).",
			"Mend the word that the message names, below listen; for a port below 1024 give the process CAP_NET_BIND_SERVICE, or put a proxy in front."),
		row("installation_other_profile", "The database belongs to an installation of the other profile: development on the data of production, or the reverse.",
			"Write another database into database.url, or the profile that the message names. Nothing was written to it."),
		row("installation_mismatch", "The file says another address, or another domain of passkeys, than this installation was made with. Going on would sign people out and break passkeys.",
			"Write the old values back, or accept all that the message lists: `identityd origin change --accept`."),
		row("schema_newer", "A newer release has changed the database in a way that this one would not survive.",
			"Use the release that the message names, or restore the backup from before the upgrade."),
		row("schema_not_current", "The schema of the database is older than this program, and it may not migrate by itself here (database.migrate).",
			"Run `identityd migrate`; `identityd migrate plan` shows what it does. A process that waits goes on by itself after it."),
		row("database_wrong_kind", "The server behind database.url is of another kind than the URL says, or too old.",
			"Write the URL that the message names, or upgrade the server."),
		row("database_unreachable", "The database did not answer within database.wait_timeout, or refused the connection in a way that waiting does not mend.",
			"See that the server runs and the URL, user and password are right: `identityd doctor` tries them. With wait_timeout: 0 a start waits instead, alive but not ready."),
		row("data_dir_in_use", "Another process serves from the same SQLite files.",
			"Stop it first; SQLite takes one process. More than one need PostgreSQL or CockroachDB."),
		row("not_running", "No identityd serves from this data_dir, and the command needs one.",
			"Start it, or give the command the configuration of the one that runs: `--config`."),
	}
}
