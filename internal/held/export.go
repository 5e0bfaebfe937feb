package held

import (
	"context"
	"fmt"
	"time"

	"example.com/identityd/internal/identity"
)

// People is what an Exporter asks of Kratos.
type People interface {
	Identity(ctx context.Context, id string) (*identity.Identity, error)
	FactorsOf(ctx context.Context, person string) ([]identity.Factor, error)
	SessionsOf(ctx context.Context, person string, page, size int) ([]identity.Session, int, error)
}

// Grants is what it asks of Hydra.
type Grants interface {
	Grants(ctx context.Context, person string) ([]identity.Grant, error)
}

// Trail is what it asks of the audit trail.
type Trail interface {
	Activity(ctx context.Context, person string, page, size int) ([]identity.Activity, bool, error)
}

// Exporter gives people what is held of them. Trail, Rows and Attempts may be nil, where there is no database that
// outlives the process, or nothing counts.
type Exporter struct {
	Service  string
	People   People
	Grants   Grants
	Trail    Trail
	Rows     *Keeper
	Attempts func(ctx context.Context, names []string) ([]Attempt, error)
}

// maxExported bounds the sessions and the activities that are collected: more than anybody has.
const maxExported = 2000

// Export collects everything. current is the session that asks, empty where it is somebody else.
func (e Exporter) Export(ctx context.Context, id, current string) (*Document, error) {
	person, err := e.People.Identity(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &Document{
		Format: Format, ExportedAt: time.Now().UTC().Truncate(time.Second), Service: e.Service,
		Account: Account{
			ID: person.ID, Schema: person.SchemaID, State: person.State, CreatedAt: person.CreatedAt,
			UpdatedAt: person.UpdatedAt, Traits: person.Traits, Addresses: person.VerifiableAddresses,
			RecoveryAddresses: person.RecoveryAddresses, Metadata: person.MetadataPublic,
		},
		SignIn: []Credential{}, Sessions: []Session{}, Applications: []Application{}, Activity: []Activity{},
		Attempts: []Attempt{}, Records: map[string][]map[string]any{}, LeftOut: leftOut(),
	}
	for _, collect := range []func(context.Context, string, *Document) error{
		e.factors, func(ctx context.Context, id string, d *Document) error { return e.sessions(ctx, id, current, d) }, e.grants, e.activity, e.records,
	} {
		if err := collect(ctx, id, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (e Exporter) factors(ctx context.Context, id string, out *Document) error {
	set, err := e.People.FactorsOf(ctx, id)
	if err != nil {
		return err
	}
	for _, c := range set {
		one := Credential{Type: c.Type, Identifiers: c.Identifiers, CreatedAt: c.SetAt}
		for _, key := range c.Keys {
			one.Keys = append(one.Keys, Key{key.Name, key.AddedAt})
		}
		if c.Type == identity.RecoveryCodesCredential {
			one.CodesLeft = &c.Left
		}
		out.SignIn = append(out.SignIn, one)
	}
	return nil
}

func (e Exporter) sessions(ctx context.Context, id, current string, out *Document) error {
	const atOnce = 200
	for page := 1; len(out.Sessions) < maxExported; page++ {
		some, total, err := e.People.SessionsOf(ctx, id, page, atOnce)
		if err != nil {
			return err
		}
		for _, s := range some {
			out.Sessions = append(out.Sessions, Session{
				ID: s.ID, Current: s.ID == current, SignedInAt: s.IssuedAt, AuthenticatedAt: s.AuthenticatedAt,
				ExpiresAt: s.ExpiresAt, AAL: s.AAL, Methods: s.Methods, Devices: s.Devices,
			})
		}
		if len(some) == 0 || len(out.Sessions) >= total {
			break
		}
	}
	return nil
}

func (e Exporter) grants(ctx context.Context, id string, out *Document) error {
	grants, err := e.Grants.Grants(ctx, id)
	if err != nil {
		return err
	}
	for _, g := range grants {
		out.Applications = append(out.Applications, Application{
			ClientID: g.Client.ID, Name: g.Client.Name, Scope: g.Scope, Since: g.Since, Latest: g.Latest,
			Access: g.Access || g.Refresh, Remembered: g.Remembered,
		})
	}
	return nil
}

func (e Exporter) activity(ctx context.Context, id string, out *Document) error {
	if e.Trail == nil {
		return nil
	}
	list, _, err := e.Trail.Activity(ctx, id, 1, maxExported)
	if err != nil {
		return err
	}
	for _, a := range list {
		out.Activity = append(out.Activity, Activity{
			At: a.At.UTC(), What: a.Kind, Failed: a.Failed, ByOthers: a.ByOthers, ClientID: a.Client, Method: a.Method,
			Detail: a.What, Times: a.Count, Address: a.Device.IPAddress, Agent: a.Device.UserAgent,
		})
	}
	return nil
}

func (e Exporter) records(ctx context.Context, id string, out *Document) (err error) {
	names := []string{id}
	if e.Rows != nil {
		p, err := e.Rows.Find(ctx, id)
		if err != nil {
			return fmt.Errorf("collecting what is held: %w", err)
		}
		if out.Records, err = e.Rows.Records(ctx, p); err != nil {
			return fmt.Errorf("collecting what is held: %w", err)
		}
		names = append(names, p.Names...)
	}
	if e.Attempts != nil {
		out.Attempts, err = e.Attempts(ctx, names)
	}
	return err
}

// LeftOut is something that is held and that the document does not have.
type LeftOut struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// leftOut are all of them. docs/people.md has the same list.
func leftOut() []LeftOut {
	return []LeftOut{
		{"passwords, keys, codes and tokens", "secrets: whoever has the file could act in your name"},
		{"the texts of mails", "they hold codes and links; to whom, when and about what is there"},
		{"codes and links that wait to be used", "secrets, and gone within the hour"},
		{"notes of administrators (metadata_admin)", "they may be about others too; ask the people who run this service"},
		{"sign-outs that applications are still told of", "ids of sessions, gone when they were told"},
	}
}
