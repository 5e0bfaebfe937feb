package ui

import (
	"net/http"
	"time"

	"example.com/identityd/internal/identity"
)

// export is the file that a person gets: names that speak for themselves, no secrets.
type export struct {
	ExportedAt   time.Time           `json:"exported_at"`
	Service      string              `json:"service"`
	Account      exportAccount       `json:"account"`
	SignIn       []exportCredential  `json:"sign_in_methods"`
	Sessions     []exportSession     `json:"sessions"`
	Applications []exportApplication `json:"applications"`
	Activity     []exportActivity    `json:"activity"`
}

type exportAccount struct {
	ID                string                       `json:"id"`
	Schema            string                       `json:"schema"`
	State             string                       `json:"state"`
	CreatedAt         time.Time                    `json:"created_at"`
	UpdatedAt         time.Time                    `json:"updated_at"`
	Traits            map[string]any               `json:"traits"`
	Addresses         []identity.VerifiableAddress `json:"addresses"`
	RecoveryAddresses []identity.RecoveryAddress   `json:"recovery_addresses"`
	Metadata          map[string]any               `json:"metadata_public"`
}

type exportCredential struct {
	Type        string      `json:"type"`
	Identifiers []string    `json:"identifiers,omitempty"`
	CreatedAt   time.Time   `json:"created_at"`
	Keys        []exportKey `json:"keys,omitempty"`
	CodesLeft   *int        `json:"codes_left,omitempty"`
}

type exportKey struct {
	Name    string    `json:"name"`
	AddedAt time.Time `json:"added_at"`
}

type exportSession struct {
	ID              string            `json:"id"`
	Current         bool              `json:"current"`
	SignedInAt      time.Time         `json:"signed_in_at"`
	AuthenticatedAt time.Time         `json:"authenticated_at"`
	ExpiresAt       time.Time         `json:"expires_at"`
	AAL             string            `json:"assurance_level"`
	Methods         []identity.Method `json:"methods"`
	Devices         []identity.Device `json:"devices"`
}

type exportApplication struct {
	ClientID   string    `json:"client_id"`
	Name       string    `json:"name"`
	Scope      []string  `json:"scope"`
	Since      time.Time `json:"since"`
	Latest     time.Time `json:"latest"`
	Access     bool      `json:"has_access"`
	Remembered bool      `json:"remembered"`
}

type exportActivity struct {
	At       time.Time `json:"at"`
	What     string    `json:"what"`
	Failed   bool      `json:"failed,omitempty"`
	ByOthers bool      `json:"by_administrator,omitempty"`
	ClientID string    `json:"client_id,omitempty"`
	Method   string    `json:"method,omitempty"`
	Detail   string    `json:"detail,omitempty"`
	Times    int       `json:"times,omitempty"`
	Address  string    `json:"ip_address,omitempty"`
	Agent    string    `json:"user_agent,omitempty"`
}

// maxExported bounds the sessions that are collected: more than anybody has.
const maxExported = 2000

func (u *UI) collect(r *http.Request, s *identity.Session) (*export, error) {
	person := s.Identity
	set, err := u.cfg.Account.FactorsOf(r.Context(), person.ID)
	if err != nil {
		return nil, err
	}
	sessions, err := u.allSessions(r, person.ID)
	if err != nil {
		return nil, err
	}
	grants, err := u.cfg.Grants.Grants(r.Context(), person.ID)
	if err != nil {
		return nil, err
	}
	out := &export{
		ExportedAt: time.Now().UTC().Truncate(time.Second), Service: u.cfg.Brand.Name,
		Account: exportAccount{
			ID: person.ID, Schema: person.SchemaID, State: person.State, CreatedAt: person.CreatedAt,
			UpdatedAt: person.UpdatedAt, Traits: person.Traits, Addresses: person.VerifiableAddresses,
			RecoveryAddresses: person.RecoveryAddresses, Metadata: person.MetadataPublic,
		},
		SignIn: []exportCredential{}, Sessions: []exportSession{}, Applications: []exportApplication{},
	}
	for _, c := range set {
		out.SignIn = append(out.SignIn, exportOf(c))
	}
	for _, each := range sessions {
		out.Sessions = append(out.Sessions, exportSession{
			ID: each.ID, Current: each.ID == s.ID, SignedInAt: each.IssuedAt, AuthenticatedAt: each.AuthenticatedAt,
			ExpiresAt: each.ExpiresAt, AAL: each.AAL, Methods: each.Methods, Devices: each.Devices,
		})
	}
	for _, g := range grants {
		out.Applications = append(out.Applications, exportApplication{
			ClientID: g.Client.ID, Name: g.Client.Name, Scope: g.Scope, Since: g.Since, Latest: g.Latest,
			Access: g.Access || g.Refresh, Remembered: g.Remembered,
		})
	}
	out.Activity, err = u.exportActivity(r, person.ID)
	return out, err
}

func (u *UI) exportActivity(r *http.Request, person string) ([]exportActivity, error) {
	out := []exportActivity{}
	if u.cfg.Activity == nil {
		return out, nil
	}
	list, _, err := u.cfg.Activity.Activity(r.Context(), person, 1, maxExported)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		out = append(out, exportActivity{
			At: a.At.UTC(), What: a.Kind, Failed: a.Failed, ByOthers: a.ByOthers, ClientID: a.Client, Method: a.Method,
			Detail: a.What, Times: a.Count, Address: a.Device.IPAddress, Agent: a.Device.UserAgent,
		})
	}
	return out, nil
}

func exportOf(c identity.Factor) exportCredential {
	out := exportCredential{Type: c.Type, Identifiers: c.Identifiers, CreatedAt: c.SetAt}
	for _, key := range c.Keys {
		out.Keys = append(out.Keys, exportKey{key.Name, key.AddedAt})
	}
	if c.Type == identity.RecoveryCodesCredential {
		out.CodesLeft = &c.Left
	}
	return out
}

func (u *UI) allSessions(r *http.Request, person string) ([]identity.Session, error) {
	const atOnce = 200
	var all []identity.Session
	for page := 1; len(all) < maxExported; page++ {
		some, total, err := u.cfg.Account.SessionsOf(r.Context(), person, page, atOnce)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) == 0 || len(all) >= total {
			break
		}
	}
	return all, nil
}
