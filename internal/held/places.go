package held

// in is a database.
type in int

const (
	inKratos in = iota
	inHydra
)

// place is a table that has something of people.
type place struct {
	in    in
	table string
	// kind is what people call what is in it.
	kind string
	// key are the columns that tell rows apart. typed says that they are texts, and no UUIDs.
	key   []string
	typed bool
	// exact is the condition for rows that are the person's by an id or an address.
	exact func(*clause) string
	// texts are columns that may hold an address that somebody typed, or an id.
	texts []string
	// shows are the columns that the person gets; a name after AS is theirs.
	shows []string
	// hidden places are counted and removed, and nothing of them is shown: codes of a minute.
	hidden bool
	// engine says that the engine removes the rows with the account, in its own transaction.
	engine bool
}

func (p place) keys() []string { return p.key }

// places are all of them, in an order in which they can be removed.
func places() []place {
	out := append(hydraPlaces(), kratosPlaces()...)
	return append(out, ownPlaces()...)
}

// ownPlaces are tables of identityd.
func ownPlaces() []place {
	return []place{
		{
			table: "identityd_logout_ending", kind: "sign-outs under way", key: []string{"subject", "session_id"}, typed: true, hidden: true,
			exact: func(c *clause) string { return "x.subject = " + c.arg(c.person.ID) },
		},
		{
			table: "identityd_declared", kind: "declarations in files", key: []string{"kind", "name"}, typed: true, shows: []string{"owner", "name"},
			exact: func(c *clause) string { return "x.kind = 'identity' AND x.ref = " + c.arg(c.person.ID) },
		},
		{
			table: "identityd_external_id", kind: "names in other systems", key: []string{"external_id"}, typed: true, shows: []string{"external_id"},
			exact: func(c *clause) string { return "x.identity_id = " + c.id() },
		},
		{
			table: "identityd_invitation", kind: "invitations", key: []string{"id"}, typed: true, shows: []string{"address", "group_names"},
			exact: func(c *clause) string { return "x.used_by = " + c.arg(c.person.ID) + " OR " + c.names("x.address") },
		},
		{
			// What still waits is told: that the person is gone is among it.
			table: "identityd_hook_outbox", kind: "hooks that were given up", key: []string{"id"}, typed: true, shows: []string{"hook", "event", "reason"},
			exact: func(c *clause) string { return "x.ended_ms > 0 AND x.subject = " + c.arg(c.person.ID) },
		},
	}
}
