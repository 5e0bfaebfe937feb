package held

// Stays are what a deletion leaves on purpose. docs/people.md has the same list.
func Stays() []LeftOut {
	return []LeftOut{
		{"records in the audit trail", "what was done has to stay on record: the id of the account, kinds and times; addresses and devices in them cannot be read by anybody any more, because the key is destroyed (ADR 41)"},
		{"the order to end all access", "the id, until it was looked at twice: two minutes"},
		{"sign-outs that applications are still told of", "ids of sessions, until they were told"},
		{"hooks that a receiver still has to be told", "the id, until it was told or given up"},
		{"access tokens that are JWTs", "they are held by applications, and good until they expire for whoever does not ask"},
		{"logs and backups", "they are yours to remove; the log has ids, no addresses of people"},
		{"what clients say of their owner and contacts", "it belongs to the application: client get shows it"},
	}
}
