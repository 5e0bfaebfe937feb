package kratos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"
	ksession "github.com/ory/kratos/session"
	"github.com/ory/x/pointerx"
	"github.com/ory/x/sqlcon"
	"github.com/ory/x/sqlxx"
)

// upstreams returns the persister below all of ours.
func upstreams(t *testing.T, e *Engine) kpersistence.Persister {
	t.Helper()
	p := e.registry.Persister()
	for {
		switch w := p.(type) {
		case passing:
			p = w.Persister
		case endings:
			p = w.Persister
		case people:
			p = w.Persister
		case invited:
			p = w.Persister
		case atOnce:
			p = w.Persister
		case faults:
			return w.Persister
		default:
			t.Fatalf("the persister is a %T", p)
		}
	}
}

// population are people and sessions of every kind that changes what is read.
type population struct {
	people []uuid.UUID
	tokens []string
	// names are what somebody can be found by, with the kind of credentials, and what nobody is found by.
	names map[string]kidentity.CredentialsType
}

func populate(t *testing.T, p kpersistence.Persister) population {
	t.Helper()
	out := population{names: map[string]kidentity.CredentialsType{}}
	person := func(schema, traits string, change func(*kidentity.Identity)) *kidentity.Identity {
		i := kidentity.NewIdentity(schema)
		i.Traits = kidentity.Traits(traits)
		if change != nil {
			change(i)
		}
		if err := p.CreateIdentity(t.Context(), i); err != nil {
			t.Fatal(err)
		}
		for kind, c := range i.Credentials {
			for _, name := range c.Identifiers {
				out.names[name] = kind
			}
		}
		out.people = append(out.people, i.ID)
		return i
	}
	with := func(i *kidentity.Identity, kind kidentity.CredentialsType, version int, config string, names ...string) {
		i.SetCredentials(kind, kidentity.Credentials{Config: sqlxx.JSONRawMessage(config), Identifiers: names, Version: version})
	}
	session := func(i *kidentity.Identity, devices int, change func(*ksession.Session)) {
		s := ksession.NewInactiveSession()
		s.IdentityID, s.Active = i.ID, true
		s.AuthenticatedAt, s.IssuedAt, s.ExpiresAt = time.Now().UTC(), time.Now().UTC(), time.Now().Add(time.Hour).UTC()
		s.CompletedLoginFor(kidentity.CredentialsTypePassword, kidentity.AuthenticatorAssuranceLevel1)
		for n := range devices {
			s.Devices = append(s.Devices, ksession.Device{
				IPAddress: pointerx.Ptr(fmt.Sprintf("10.0.0.%d", n)), UserAgent: pointerx.Ptr("browser"), Location: pointerx.Ptr("Bonn, DE"),
			})
		}
		if change != nil {
			change(s)
		}
		s.SetAuthenticatorAssuranceLevel()
		if err := p.UpsertSession(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		out.tokens = append(out.tokens, s.Token)
	}

	ada := person("email@1", `{"email":"ada@example.com","name":"Ada O'Neill \u00e4"}`, func(i *kidentity.Identity) {
		with(i, kidentity.CredentialsTypePassword, 0, `{"hashed_password":"$argon2id$v=19$m=32,t=1,p=1$YWFh$YWFh"}`, "ada@example.com")
	})
	session(ada, 1, nil)
	session(ada, 0, nil)
	session(ada, 5, func(s *ksession.Session) {
		s.Devices[2].IPAddress, s.Devices[3].Location, s.Devices[4].UserAgent = nil, nil, nil
	})
	session(ada, 1, func(s *ksession.Session) { s.Active = false })
	session(ada, 1, func(s *ksession.Session) { s.ExpiresAt = time.Now().Add(-time.Hour).UTC() })

	bea := person("username@1", `{"username":"bea"}`, func(i *kidentity.Identity) {
		with(i, kidentity.CredentialsTypePassword, 0, `{"hashed_password":"$2a$12$o"}`, "bea")
		with(i, kidentity.CredentialsTypeTOTP, 0, `{"totp_url":"otpauth://totp/x"}`)
		with(i, kidentity.CredentialsTypeLookup, 0, `{"recovery_codes":[{"code":"x","used_at":null}]}`)
		with(i, kidentity.CredentialsTypeWebAuthn, 0, `{"credentials":[{"id":"YQ=="}]}`, "bea", "bea-2")
		with(i, kidentity.CredentialsTypeOIDC, 0, `{"providers":[{"provider":"google","subject":"1"}]}`, "google:1", "Google:2", "apple:3")
		with(i, kidentity.CredentialsTypeCodeAuth, 0, `{"address_type":"email"}`, "bea@example.com")
		i.MetadataPublic, i.MetadataAdmin = sqlxx.NullJSONRawMessage(`{"a":[1,null]}`), sqlxx.NullJSONRawMessage(`"x"`)
		i.OrganizationID = uuid.NullUUID{UUID: uuid.Must(uuid.NewV4()), Valid: true}
		i.InternalAvailableAAL = kidentity.NewNullableAuthenticatorAssuranceLevel(kidentity.AuthenticatorAssuranceLevel2)
	})
	session(bea, 2, func(s *ksession.Session) {
		s.CompletedLoginFor(kidentity.CredentialsTypeTOTP, kidentity.AuthenticatorAssuranceLevel2)
	})
	session(bea, 1, func(s *ksession.Session) { s.AMR = nil })

	carl := person("username@1", `{"username":"carl"}`, func(i *kidentity.Identity) { i.State = kidentity.StateInactive })
	session(carl, 1, nil)
	dora := person("email@1", `{"email":"dora@example.com"}`, func(i *kidentity.Identity) { i.StateChangedAt = nil })
	// As an import makes them: several addresses of each kind, and none of credentials.
	for n := range 4 {
		a := kidentity.NewVerifiableEmailAddress(fmt.Sprintf("dora-%d@example.com", n), dora.ID)
		a.Verified = n%2 == 0
		dora.VerifiableAddresses = append(dora.VerifiableAddresses, *a)
		dora.RecoveryAddresses = append(dora.RecoveryAddresses, *kidentity.NewRecoveryEmailAddress(a.Value, dora.ID))
	}
	session(dora, 1, nil)
	addresses(t, p, dora)
	out.tokens = append(out.tokens, "nobody's", "")
	out.people = append(out.people, uuid.Must(uuid.NewV4()))
	out.names["nobody@example.com"] = kidentity.CredentialsTypePassword
	out.names[" ADA@example.com "] = kidentity.CredentialsTypePassword
	out.names["GOOGLE:1"] = kidentity.CredentialsTypeOIDC
	out.names["ada@example.com"] = kidentity.CredentialsTypeTOTP
	out.names["carl"] = kidentity.CredentialsType("no such kind")
	return out
}

// addresses stores those that no schema asks for.
func addresses(t *testing.T, p kpersistence.Persister, i *kidentity.Identity) {
	t.Helper()
	c := p.GetConnection(t.Context())
	for _, a := range i.VerifiableAddresses[1:] {
		a.NID, a.Status = i.NID, kidentity.VerifiableAddressStatusPending
		if a.Verified {
			now := sqlxx.NullTime(time.Now().UTC())
			a.VerifiedAt = &now
		}
		if err := c.Create(&a); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range i.RecoveryAddresses[1:] {
		a.NID = i.NID
		if err := c.Create(&a); err != nil {
			t.Fatal(err)
		}
	}
}

// alike compares what two persisters answered, in every field and as JSON.
func alike[T any](t *testing.T, what string, got, want T, gotErr, wantErr error) {
	t.Helper()
	if wantErr != nil {
		if gotErr == nil || errors.Is(wantErr, sqlcon.ErrNoRows) != errors.Is(gotErr, sqlcon.ErrNoRows) {
			t.Errorf("%s: got error %v, want %v", what, gotErr, wantErr)
		}
		return
	}
	if gotErr != nil {
		t.Errorf("%s: got error %v, want none", what, gotErr)
		return
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(kidentity.Identity{}), cmp.Comparer(func(a, b sqlxx.NullTime) bool {
		return time.Time(a).Equal(time.Time(b))
	})); diff != "" {
		t.Errorf("%s: ours differs from upstream's (-want +got)\n%s", what, diff)
	}
	if got, want := asJSON(t, got), asJSON(t, want); got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	if i, ok := v.(*kidentity.Identity); ok && i != nil {
		v = (*kidentity.WithCredentialsAndAdminMetadataInJSON)(i)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestOneStatementReadsWhatUpstreamReads(t *testing.T) {
	onDatabases(t, func(t *testing.T, open func(func(*Config)) *Engine) {
		e := open(nil)
		theirs, ours := upstreams(t, e), e.registry.Persister()
		all := populate(t, theirs)
		compare := func(ctx context.Context, theirs, ours kpersistence.Persister) {
			for _, token := range all.tokens {
				for _, expand := range []ksession.Expandables{ksession.ExpandEverything, ksession.ExpandDefault, ksession.ExpandNothing, {ksession.ExpandSessionDevices}} {
					for name, person := range expansions() {
						want, wantErr := theirs.GetSessionByToken(ctx, token, expand, person)
						got, gotErr := ours.GetSessionByToken(ctx, token, expand, person)
						sortDevices(want, got)
						alike(t, fmt.Sprintf("the session %.12s with %v and %s", token, expand, name), got, want, gotErr, wantErr)
					}
				}
			}
			for _, id := range all.people {
				for name, expand := range expansions() {
					want, wantErr := theirs.GetIdentity(ctx, id, expand)
					got, gotErr := ours.GetIdentity(ctx, id, expand)
					alike(t, fmt.Sprintf("%s with %s", id, name), got, want, gotErr, wantErr)
				}
				want, wantErr := theirs.GetIdentityConfidential(ctx, id)
				got, gotErr := ours.GetIdentityConfidential(ctx, id)
				alike(t, id.String(), got, want, gotErr, wantErr)
			}
			for name := range all.names {
				for _, kind := range append(slices.Clone(kidentity.AllCredentialTypes), all.names[name]) {
					want, wantCredentials, wantErr := theirs.FindByCredentialsIdentifier(ctx, kind, name)
					got, credentials, gotErr := ours.FindByCredentialsIdentifier(ctx, kind, name)
					alike(t, fmt.Sprintf("%s by %q", kind, name), got, want, gotErr, wantErr)
					alike(t, fmt.Sprintf("the credentials of %s by %q", kind, name), credentials, wantCredentials, gotErr, wantErr)
				}
			}
		}
		t.Run("outside of a transaction", func(t *testing.T) { compare(t.Context(), theirs, ours) })
		t.Run("of another tenant", func(t *testing.T) {
			other := uuid.Must(uuid.NewV4())
			compare(t.Context(), theirs.WithNetworkID(other), ours.WithNetworkID(other))
		})
		t.Run("in a transaction that has not ended", func(t *testing.T) {
			undone := errors.New("undone")
			err := ours.Transaction(t.Context(), func(ctx context.Context, _ *pop.Connection) error {
				i := kidentity.NewIdentity("username@1")
				i.Traits = kidentity.Traits(`{"username":"eve"}`)
				if err := ours.CreateIdentity(ctx, i); err != nil {
					return err
				}
				if _, err := ours.GetIdentityConfidential(ctx, i.ID); err != nil {
					t.Errorf("inside: got %v, want the person", err)
				}
				return undone
			})
			if !errors.Is(err, undone) {
				t.Fatal(err)
			}
		})
		t.Run("ended at another process, it has ended here", func(t *testing.T) {
			other := open(nil).registry.Persister()
			token := all.tokens[0]
			before, err := ours.GetSessionByToken(t.Context(), token, ksession.ExpandEverything, kidentity.ExpandEverything)
			if err != nil || !before.IsActive() {
				t.Fatalf("got %v, %v", before, err)
			}
			if err := other.RevokeSessionByToken(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			after, err := ours.GetSessionByToken(t.Context(), token, ksession.ExpandEverything, kidentity.ExpandEverything)
			if err != nil || after.IsActive() {
				t.Errorf("got an active session (%v), want one that has ended", err)
			}
			if err := other.DeleteIdentity(t.Context(), before.IdentityID); err != nil {
				t.Fatal(err)
			}
			if _, err := ours.GetSessionByToken(t.Context(), token, ksession.ExpandEverything, kidentity.ExpandEverything); !errors.Is(err, sqlcon.ErrNoRows) {
				t.Errorf("got %v, want no session of a deleted person", err)
			}
		})
	})
}

// sortDevices, for upstream asks for no order and gets that of whatever index was taken.
func sortDevices(list ...*ksession.Session) {
	for _, s := range list {
		if s != nil {
			slices.SortFunc(s.Devices, func(a, b ksession.Device) int { return order(a.ID, b.ID) })
		}
	}
}

func expansions() map[string]sqlxx.Expandables {
	return map[string]sqlxx.Expandables{
		"nothing": kidentity.ExpandNothing, "addresses": kidentity.ExpandDefault,
		"credentials": kidentity.ExpandCredentials, "everything": kidentity.ExpandEverything,
	}
}

// A column that an upgrade brings has to be read too.
func TestColumnsAreThoseOfUpstream(t *testing.T) {
	for name, of := range map[string]struct {
		columns string
		model   any
		fields  int
	}{
		"sessions":                      {sessionColumns, ksession.Session{}, len(sessionFields(&ksession.Session{}))},
		"identities":                    {identityColumns, kidentity.Identity{}, len(personFields(&kidentity.Identity{}))},
		"session_devices":               {deviceColumns, ksession.Device{}, len((&reading{}).more(partDevices))},
		"identity_credentials":          {credentialColumns, kidentity.Credentials{}, len((&reading{}).more(partCredentials)) - 1}, // and the name
		"identity_verifiable_addresses": {verifiableColumns, kidentity.VerifiableAddress{}, len((&reading{}).more(partVerifiable))},
		"identity_recovery_addresses":   {recoveryColumns, kidentity.RecoveryAddress{}, len((&reading{}).more(partRecovery))},
	} {
		var want []string
		for f := range fieldsOf(reflect.TypeOf(of.model)) {
			want = append(want, f)
		}
		got := strings.Fields(of.columns)
		if len(got) != of.fields {
			t.Errorf("%s: got %d columns for %d fields", name, len(got), of.fields)
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the columns differ from upstream's (-want +got)\n%s", name, diff)
		}
	}
}

func fieldsOf(of reflect.Type) func(func(string) bool) {
	return func(yield func(string) bool) {
		for n := range of.NumField() {
			name := of.Field(n).Tag.Get("db")
			if name != "" && name != "-" && !yield(name) {
				return
			}
		}
	}
}
