package kratos

import (
	"bytes"
	"database/sql"
	"fmt"
	"slices"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	identitysql "github.com/ory/kratos/persistence/sql/identity"
	ksession "github.com/ory/kratos/session"
)

// reading is what the rows of one statement say.
type reading struct {
	conn      *pop.Connection
	statement *statement
	any       bool  // a row was read
	into      []any // reused from row to row
	found     struct {
		session     ksession.Session
		person      kidentity.Identity
		devices     []ksession.Device
		credentials []namedCredentials
		verifiable  []kidentity.VerifiableAddress
		recovery    []kidentity.RecoveryAddress
	}
}

// namedCredentials is one with one of its names, NULL where it has none.
type namedCredentials struct {
	kidentity.Credentials
	name sql.NullString
}

// skipped takes any value and keeps nothing.
type skipped struct{}

// Scan implements sql.Scanner.
func (skipped) Scan(any) error { return nil }

// there tells a value from NULL.
type there bool

// Scan implements sql.Scanner.
func (t *there) Scan(v any) error {
	*t = v != nil
	return nil
}

// take reads a row twice: first which part it is of, then that part, and once the person and the
// session, straight into the structs of upstream's and by the conversions with which upstream reads them.
func (r *reading) take(rows *sql.Rows) error {
	var part int
	var has [parts]there
	r.blank()
	r.into[0] = &part
	for p := partDevices; p <= partRecovery; p++ {
		if at := r.statement.at[p]; at > 0 {
			r.into[at] = &has[p] // its id
		}
	}
	if err := rows.Scan(r.into...); err != nil {
		return fmt.Errorf("reading which part a row is of: %w", err)
	}
	r.blank()
	if !r.any && part == r.statement.first {
		r.any = true
		copy(r.into[r.statement.at[partPerson]:], personFields(&r.found.person))
		if at := r.statement.at[partSession]; at > 0 {
			copy(r.into[at:], sessionFields(&r.found.session))
		}
	}
	if has[part] {
		copy(r.into[r.statement.at[part]:], r.more(part))
	}
	if err := rows.Scan(r.into...); err != nil {
		return fmt.Errorf("reading a row: %w", err)
	}
	return nil
}

func (r *reading) blank() {
	for i := range r.into {
		r.into[i] = skipped{}
	}
}

// more makes room for one more of a part, and says where its columns go.
func (r *reading) more(part int) []any {
	f := &r.found
	switch part {
	case partDevices:
		f.devices = append(f.devices, ksession.Device{})
		d := &f.devices[len(f.devices)-1]
		return []any{&d.ID, &d.SessionID, &d.IPAddress, &d.UserAgent, &d.Location, &d.CreatedAt, &d.UpdatedAt, &d.NID}
	case partCredentials:
		f.credentials = append(f.credentials, namedCredentials{})
		c := &f.credentials[len(f.credentials)-1]
		return []any{&c.ID, &c.IdentityCredentialTypeID, &c.Config, &c.Version, &c.IdentityID, &c.CreatedAt, &c.UpdatedAt, &c.NID, &c.name}
	case partVerifiable:
		f.verifiable = append(f.verifiable, kidentity.VerifiableAddress{})
		a := &f.verifiable[len(f.verifiable)-1]
		return []any{&a.ID, &a.Value, &a.Verified, &a.Via, &a.Status, &a.VerifiedAt, &a.CreatedAt, &a.UpdatedAt, &a.IdentityID, &a.NID}
	case partRecovery:
		f.recovery = append(f.recovery, kidentity.RecoveryAddress{})
		a := &f.recovery[len(f.recovery)-1]
		return []any{&a.ID, &a.Value, &a.Via, &a.IdentityID, &a.CreatedAt, &a.UpdatedAt, &a.NID}
	}
	return nil
}

func personFields(i *kidentity.Identity) []any {
	return []any{
		&i.ID, &i.InternalAvailableAAL, &i.SchemaID, &i.State, &i.StateChangedAt, &i.Traits, &i.MetadataPublic, &i.MetadataAdmin,
		&i.CreatedAt, &i.UpdatedAt, &i.NID, &i.OrganizationID,
	}
}

func sessionFields(s *ksession.Session) []any {
	return []any{
		&s.ID, &s.Active, &s.ExpiresAt, &s.AuthenticatedAt, &s.AuthenticatorAssuranceLevel, &s.AMR, &s.IssuedAt, &s.LogoutToken,
		&s.IdentityID, &s.CreatedAt, &s.UpdatedAt, &s.Token, &s.NID,
	}
}

// person puts together what was read. The addresses come in the order of their ids, as upstream's.
func (r *reading) person() (*kidentity.Identity, error) {
	i := &r.found.person
	i.VerifiableAddresses, i.RecoveryAddresses = r.found.verifiable, r.found.recovery
	slices.SortFunc(i.VerifiableAddresses, func(a, b kidentity.VerifiableAddress) int { return order(a.ID, b.ID) })
	slices.SortFunc(i.RecoveryAddresses, func(a, b kidentity.RecoveryAddress) int { return order(a.ID, b.ID) })
	for n := range r.found.credentials {
		one := &r.found.credentials[n]
		var err error
		if one.Type, err = identitysql.FindIdentityCredentialsTypeByID(r.conn, one.IdentityCredentialTypeID); err != nil {
			return nil, fmt.Errorf("naming a kind of credentials: %w", err)
		}
		if i.Credentials == nil {
			i.Credentials = map[kidentity.CredentialsType]kidentity.Credentials{}
		}
		names := i.Credentials[one.Type].Identifiers
		if names == nil {
			names = []string{} // not null to who reads it as JSON
		}
		if one.name.String != "" {
			names = append(names, one.name.String)
		}
		one.Identifiers = names
		i.Credentials[one.Type] = one.Credentials
	}
	for _, c := range i.Credentials {
		slices.Sort(c.Identifiers)
	}
	return i, nil
}

func order(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
