package kratos

import (
	"fmt"
	"strings"
	"sync"

	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/x/sqlxx"
)

// source is what a person is found by.
type source int

const (
	// bySession takes a token of a session and the tenant.
	bySession source = iota
	// byID takes the id of a person and the tenant.
	byID
	// byName takes a name, the tenant twice, the kind of credentials twice, and the tenant.
	byName
)

// wants are the parts that are read beside the person.
type wants struct{ devices, credentials, verifiable, recovery bool }

func wanted(expand sqlxx.Expandables) wants {
	return wants{
		credentials: expand.Has(kidentity.ExpandFieldCredentials),
		verifiable:  expand.Has(kidentity.ExpandFieldVerifiableAddresses),
		recovery:    expand.Has(kidentity.ExpandFieldRecoveryAddresses),
	}
}

// The parts, as the statement numbers them. A row is of one part, and of the others NULL: so there are as many
// rows as there are things, and not their product. A part without any has a row with nothing but the person.
const (
	partNone = iota
	partDevices
	partCredentials
	partVerifiable
	partRecovery
	// In every row.
	partPerson
	partSession
	parts
)

// The columns are those of upstream's structs; TestColumnsAreThoseOfUpstream compares. The id comes first.
const (
	sessionColumns = "id active expires_at authenticated_at aal authentication_methods issued_at logout_token " +
		"identity_id created_at updated_at token nid"
	identityColumns = "id available_aal schema_id state state_changed_at traits metadata_public metadata_admin " +
		"created_at updated_at nid organization_id"
	deviceColumns     = "id session_id ip_address user_agent location created_at updated_at nid"
	credentialColumns = "id identity_credential_type_id config version identity_id created_at updated_at nid"
	verifiableColumns = "id value verified via status verified_at created_at updated_at identity_id nid"
	recoveryColumns   = "id value via identity_id created_at updated_at nid"
)

// identifiers is the table of names with the index that upstream tells the databases to take
// (kratos: persistence/sql/identity/persister_identity.go, identifiersTableNameWithIndexHint).
func identifiers(dialect string) string {
	const table, index = "identity_credential_identifiers", "identity_credential_identifiers_ici_nid_i_idx"
	switch dialect {
	case "cockroach":
		return table + "@" + index + " AS n"
	case "sqlite3":
		return table + " AS n INDEXED BY " + index
	}
	return table + " AS n"
}

// statement is a statement, how many columns it returns, where each part begins among them, and of which part the
// rows are that have the person and the session.
type statement struct {
	query   string
	columns int
	at      [parts]int
	first   int
}

// statements are those in the words of one database, each made once.
type statements struct {
	dialect   string
	translate func(string) string
	made      sync.Map // of statementKey to *statement
}

type statementKey struct {
	from source
	wants
}

func (t *statements) of(from source, w wants) *statement {
	key := statementKey{from, w}
	if made, ok := t.made.Load(key); ok {
		return made.(*statement)
	}
	made := t.write(from, w)
	t.made.Store(key, made)
	return made
}

// write makes a statement. Every table is asked for the tenant, as upstream does.
func (t *statements) write(from source, w wants) *statement {
	out := &statement{}
	columns := []string{"k.part"}
	var joins, numbers []string
	take := func(part int, alias, list string) {
		out.at[part] = len(columns)
		for name := range strings.FieldsSeq(list) {
			columns = append(columns, alias+"."+name)
		}
	}
	join := func(part int, table, alias, on, list string) {
		if len(numbers) == 0 {
			out.first = part
		}
		numbers = append(numbers, fmt.Sprintf("SELECT %d AS part", part))
		joins = append(joins, fmt.Sprintf("LEFT JOIN %s AS %s ON k.part = %d AND %s AND %[2]s.nid = i.nid", table, alias, part, on))
		take(part, alias, list)
	}
	if w.devices {
		join(partDevices, "session_devices", "d", "d.session_id = s.id", deviceColumns)
	}
	if w.credentials {
		join(partCredentials, "identity_credentials", "c", "c.identity_id = i.id", credentialColumns)
		joins = append(joins, "LEFT JOIN "+identifiers(t.dialect)+" ON n.identity_credential_id = c.id AND n.nid = c.nid")
		columns = append(columns, "n.identifier")
	}
	if w.verifiable {
		join(partVerifiable, "identity_verifiable_addresses", "v", "v.identity_id = i.id", verifiableColumns)
	}
	if w.recovery {
		join(partRecovery, "identity_recovery_addresses", "r", "r.identity_id = i.id", recoveryColumns)
	}
	if len(numbers) == 0 {
		numbers = append(numbers, fmt.Sprintf("SELECT %d AS part", partNone))
	}
	named := len(columns)
	take(partPerson, "i", identityColumns)
	if from == bySession {
		take(partSession, "s", sessionColumns)
	}
	if t.dialect != "sqlite3" && len(numbers) > 1 {
		// Once is enough. SQLite tells a time from a text by the column that it comes from, and sends nothing anywhere.
		for n := named; n < len(columns); n++ {
			columns[n] = fmt.Sprintf("CASE WHEN k.part = %d THEN %s END", out.first, columns[n])
		}
	}
	tables, where := from.tables()
	out.columns = len(columns)
	out.query = t.translate("SELECT " + strings.Join(columns, ", ") + "\nFROM " + tables + "\nCROSS JOIN (" +
		strings.Join(numbers, " UNION ALL ") + ") AS k\n" + strings.Join(joins, "\n") + "\nWHERE " + where)
	return out
}

// tables are where a person is found, and by what. A name is one of the one kind, so that at most one has it.
func (from source) tables() (tables, where string) {
	switch from {
	case bySession:
		return "sessions AS s JOIN identities AS i ON i.id = s.identity_id AND i.nid = s.nid", "s.token = ? AND s.nid = ?"
	case byName:
		return `(SELECT ic.identity_id FROM identity_credential_identifiers AS ici
	JOIN identity_credentials AS ic ON ic.id = ici.identity_credential_id
	WHERE ici.identifier = ? AND ici.nid = ? AND ic.nid = ? AND ici.identity_credential_type_id = ?
	AND ic.identity_credential_type_id = ? LIMIT 1) AS f JOIN identities AS i ON i.id = f.identity_id`, "i.nid = ?"
	}
	return "identities AS i", "i.id = ? AND i.nid = ?"
}
