package kratos

import (
	"context"
	"database/sql"
	"slices"
	"sync"

	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"
	identitysql "github.com/ory/kratos/persistence/sql/identity"
	ksession "github.com/ory/kratos/session"
	kx "github.com/ory/kratos/x"
	"github.com/ory/x/otelx"
	"github.com/ory/x/sqlcon"
	"github.com/ory/x/sqlxx"
	"go.opentelemetry.io/otel/attribute"
)

// atOnce is the persister, and reads a person with all that hangs on them, and a session with its devices and
// its person, in one statement. Upstream takes a statement for each table, side by side on as many connections,
// and builds the text of each anew (docs/ory-quirks.md#q130). What is read is the same, of one instant.
//
// Nothing is kept from one request to the next but what the settings say: whatever ended or changed is seen by the
// next request of every process.
type atOnce struct {
	kpersistence.Persister
	r          kx.TracingProvider
	statements *statements
	urls       *schemaURLs
}

// WithNetworkID keeps the wrapping.
func (p atOnce) WithNetworkID(id uuid.UUID) kpersistence.Persister {
	p.Persister = p.Persister.WithNetworkID(id)
	return p
}

// GetSessionByToken implements session.Persister.
func (p atOnce) GetSessionByToken(
	ctx context.Context, token string, expand ksession.Expandables, person sqlxx.Expandables,
) (_ *ksession.Session, err error) {
	if !expand.Has(ksession.ExpandSessionIdentity) {
		return p.Persister.GetSessionByToken(ctx, token, expand, person) // at most two statements
	}
	ctx, span := p.r.Tracer(ctx).Tracer().Start(ctx, "persistence.sql.GetSessionByToken")
	defer otelx.End(span, &err)
	w := wanted(person)
	w.devices = expand.Has(ksession.ExpandSessionDevices)
	r, err := p.read(ctx, bySession, w, token, p.nid(ctx))
	if err != nil {
		return nil, err
	}
	s := &r.found.session
	s.Devices = r.found.devices
	slices.SortStableFunc(s.Devices, func(a, b ksession.Device) int { return a.CreatedAt.Compare(b.CreatedAt) })
	s.Identity, err = p.finish(ctx, r)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// GetIdentity implements identity.Pool.
func (p atOnce) GetIdentity(
	ctx context.Context, id uuid.UUID, expand sqlxx.Expandables,
) (_ *kidentity.Identity, err error) {
	ctx, span := p.r.Tracer(ctx).Tracer().Start(ctx, "persistence.sql.GetIdentity")
	defer otelx.End(span, &err)
	r, err := p.read(ctx, byID, wanted(expand), id.String(), p.nid(ctx))
	if err != nil {
		return nil, err
	}
	return p.finish(ctx, r)
}

// GetIdentityConfidential implements identity.PrivilegedPool.
func (p atOnce) GetIdentityConfidential(ctx context.Context, id uuid.UUID) (*kidentity.Identity, error) {
	return p.GetIdentity(ctx, id, kidentity.ExpandEverything)
}

// FindByCredentialsIdentifier implements identity.PrivilegedPool.
func (p atOnce) FindByCredentialsIdentifier(
	ctx context.Context, kind kidentity.CredentialsType, match string,
) (_ *kidentity.Identity, _ *kidentity.Credentials, err error) {
	ctx, span := p.r.Tracer(ctx).Tracer().Start(ctx, "persistence.sql.FindByCredentialsIdentifier")
	defer otelx.End(span, &err)
	kindID, err := identitysql.FindIdentityCredentialsTypeByName(p.GetConnection(ctx), kind)
	if err != nil {
		// Upstream knows nobody by a kind that there is not.
		return p.Persister.FindByCredentialsIdentifier(ctx, kind, match)
	}
	nid := p.nid(ctx)
	r, err := p.read(ctx, byName, wanted(kidentity.ExpandEverything),
		identitysql.NormalizeIdentifier(kind, match), nid, nid, kindID.String(), kindID.String(), nid)
	if err != nil {
		return nil, nil, err
	}
	// The trail learns from it whose account it was (docs/ory-quirks.md#q98).
	span.SetAttributes(attribute.String("identity.id", r.found.person.ID.String()))
	i, err := p.finish(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	c, ok := i.GetCredentials(kind)
	if !ok {
		return p.Persister.FindByCredentialsIdentifier(ctx, kind, match) // for its words
	}
	return i, c, nil
}

func (p atOnce) nid(ctx context.Context) string { return p.NetworkID(ctx).String() }

// finish does with a person what upstream does after it has read one.
func (p atOnce) finish(ctx context.Context, r *reading) (*kidentity.Identity, error) {
	i, err := r.person()
	if err != nil {
		return nil, err
	}
	if err := i.Validate(); err != nil {
		return nil, err
	}
	if err := kidentity.UpgradeCredentials(i); err != nil {
		return nil, err
	}
	return i, p.urls.inject(ctx, p.Persister, i)
}

// read runs one of the statements.
func (p atOnce) read(ctx context.Context, from source, w wants, args ...any) (*reading, error) {
	c := p.GetConnection(ctx)
	t := p.statements.of(from, w)
	// As pop does: in the transaction of the context where there is one.
	query := c.Store.SQLDB().QueryContext
	if c.TX != nil {
		query = c.TX.QueryContext
	}
	rows, err := query(ctx, t.query, args...)
	if err != nil {
		return nil, sqlcon.HandleError(err)
	}
	defer rows.Close()
	r := &reading{conn: c, statement: t, into: make([]any, t.columns)}
	for rows.Next() {
		if err := r.take(rows); err != nil {
			return nil, sqlcon.HandleError(err)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, sqlcon.HandleError(err)
	}
	if !r.any {
		return nil, sqlcon.HandleError(sql.ErrNoRows)
	}
	return r, nil
}

// schemaURLs are where the schema of a person is found, which the settings say. Upstream reads all settings of
// schemas anew for each person (docs/ory-quirks.md#q130); they do not change while a process runs.
type schemaURLs struct{ known sync.Map }

// inject sets the address of a person's schema.
func (u *schemaURLs) inject(ctx context.Context, p kpersistence.Persister, i *kidentity.Identity) error {
	if known, ok := u.known.Load(i.SchemaID); ok {
		i.SchemaURL = known.(string)
		return nil
	}
	if err := p.InjectTraitsSchemaURL(ctx, i); err != nil {
		return err // one that there is not: nothing is remembered, so that the list cannot grow
	}
	u.known.Store(i.SchemaID, i.SchemaURL)
	return nil
}

func newAtOnce(p kpersistence.Persister, r kx.TracingProvider) atOnce {
	d := p.GetConnection(context.Background()).Dialect
	return atOnce{p, r, &statements{dialect: d.Name(), translate: d.TranslateSQL}, &schemaURLs{}}
}
