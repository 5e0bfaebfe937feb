package hydra

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/gobuffalo/pop/v6"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"
	"github.com/ory/x/sqlcon"
)

// How many clients are remembered, and how large the text of one may be.
const (
	knownClients    = 2_000
	knownClientSize = 16 << 10
)

// clientReader reads clients. On PostgreSQL it remembers what rows became, under the digest that the database
// makes of a row: each request asks for the digest, one value instead of fifty, and reads the row when that is
// another one than it knows. So what is remembered is never old, whoever changed the client, and wherever.
type clientReader struct {
	digest, row string // statements, empty where there is no digest
	known       *lru.Cache[string, knownClient]
}

type knownClient struct {
	digest []byte
	client *client.Client
}

// clientDigest stands for all that a row of hydra_client AS c holds.
const clientDigest = "sha256(convert_to(c::text, 'UTF8'))"

// oneClient is what hydra's persister/sql reads a client by.
const oneClient = " FROM hydra_client AS c WHERE c.id = $1 AND c.nid = $2"

func newClientReader(c *pop.Connection) clientReader {
	if c.Dialect.Name() != "postgres" {
		return clientReader{} // CockroachDB's texts of rows are not tried, SQLite has no digest
	}
	columns := pop.NewModel(new(client.Client), context.Background()).Columns()
	var names []string
	for name := range columns.Cols {
		names = append(names, "c."+name)
	}
	slices.Sort(names)
	known, _ := lru.New[string, knownClient](knownClients) // the size is positive
	return clientReader{
		digest: "SELECT " + clientDigest + oneClient,
		row:    "SELECT " + strings.Join(names, ", ") + ", " + clientDigest + " AS identityd_digest, octet_length(c::text) AS identityd_size" + oneClient,
		known:  known,
	}
}

// GetClient implements fosite.ClientManager.
func (s *store) GetClient(ctx context.Context, id string) (fosite.Client, error) {
	v := visitOf(ctx)
	if c := v.client(id); c != nil {
		return c, nil
	}
	c, err := s.readClient(ctx, id)
	if err != nil {
		return nil, err
	}
	v.keepClient(c)
	return c, nil
}

func (s *store) readClient(ctx context.Context, id string) (*client.Client, error) {
	r := s.clients
	if r.digest == "" {
		return s.GetConcreteClient(ctx, id)
	}
	if known, ok := r.known.Get(id); ok {
		var digest []byte
		err := s.one(ctx, r.digest, id, s.NetworkID(ctx).String()).Scan(&digest)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			r.known.Remove(id)
			return nil, sqlcon.HandleError(err)
		case err != nil:
			return nil, sqlcon.HandleError(err)
		case bytes.Equal(digest, known.digest):
			own := *known.client
			return &own, nil
		}
	}
	var row struct {
		client.Client
		Digest []byte `db:"identityd_digest"`
		Size   int    `db:"identityd_size"`
	}
	c := s.Connection(ctx)
	if err := c.Store.GetContext(ctx, &row, r.row, id, s.NetworkID(ctx).String()); err != nil {
		return nil, sqlcon.HandleError(err)
	}
	clip(&row.Client)
	if row.Size <= knownClientSize {
		own := row.Client
		r.known.Add(id, knownClient{digest: row.Digest, client: &own})
	}
	return &row.Client, nil
}

// remembered returns a client that a statement joined has shown to be the one that is known, or nil.
func (s *store) remembered(id string, digest []byte) *client.Client {
	if s.clients.known == nil || digest == nil {
		return nil
	}
	known, ok := s.clients.known.Get(id)
	if !ok || !bytes.Equal(known.digest, digest) {
		return nil
	}
	own := *known.client
	return &own
}

// clip makes who appends to a list of a client get a copy of it: others have the same one.
func clip(c *client.Client) {
	c.RedirectURIs = slices.Clip(c.RedirectURIs)
	c.GrantTypes = slices.Clip(c.GrantTypes)
	c.ResponseTypes = slices.Clip(c.ResponseTypes)
	c.Audience = slices.Clip(c.Audience)
	c.AllowedCORSOrigins = slices.Clip(c.AllowedCORSOrigins)
	c.Contacts = slices.Clip(c.Contacts)
	c.RequestURIs = slices.Clip(c.RequestURIs)
	c.PostLogoutRedirectURIs = slices.Clip(c.PostLogoutRedirectURIs)
}

// one runs a query for one row, in the transaction of ctx if there is one.
func (s *store) one(ctx context.Context, query string, args ...any) *sql.Row {
	c := s.Connection(ctx)
	if c.TX != nil && c.TX.Tx != nil {
		return c.TX.QueryRowContext(ctx, query, args...)
	}
	return c.Store.SQLDB().QueryRowContext(ctx, query, args...)
}

// query runs one for several rows, in the transaction of ctx if there is one.
func (s *store) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c := s.Connection(ctx)
	if c.TX != nil && c.TX.Tx != nil {
		return c.TX.QueryContext(ctx, query, args...)
	}
	return c.Store.SQLDB().QueryContext(ctx, query, args...)
}
