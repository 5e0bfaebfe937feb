package kratos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ory/herodot"
	"github.com/ory/jsonschema/v3"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/schema"
	"github.com/ory/kratos/selfservice/flow/registration"
	"github.com/ory/kratos/text"
	"github.com/ory/x/sqlxx"
	"github.com/tidwall/gjson"

	"example.com/identityd/internal/identity"
)

// Invitations are the rows of who may sign up. Claim runs in the transaction that makes the person.
type Invitations interface {
	Add(ctx context.Context, i identity.Invitation, hash string) error
	ByHash(ctx context.Context, hash string) (identity.Invitation, error)
	ByID(ctx context.Context, id string) (identity.Invitation, error)
	List(ctx context.Context, before time.Time, id string, limit int) ([]identity.Invitation, error)
	Revoke(ctx context.Context, id string, now time.Time) (bool, error)
	Claim(exec func(query string, args ...any) (int, error), id, person string, now time.Time) (bool, error)
}

const (
	// invitationParam is how a program says which invitation it signs up with; browsers have a cookie.
	invitationParam = "invitation"
	// invitationOf is where a flow keeps the id of its invitation: no answer shows it, and no form can set it.
	invitationOf = "identityd_invitation"
	// invitationRequired is the id of the error (internal/ui/errorkinds.go has it too).
	invitationRequired = "identityd_invitation_required"
)

// joining is what a request of the public API signs up by. Requests of the admin API have none.
type joining struct{ invitation *identity.Invitation }

type joiningKey struct{}

// watchJoining marks the requests that may make a person for themselves.
func watchJoining(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/self-service/") {
			r = r.WithContext(context.WithValue(r.Context(), joiningKey{}, &joining{}))
		}
		next.ServeHTTP(w, r)
	})
}

// bindInvitation gives a sign-up that begins the invitation that its browser or program came with. The token
// stays out of what is stored.
func (e *Engine) bindInvitation(r *http.Request, f *registration.Flow) error {
	token := r.URL.Query().Get(invitationParam)
	f.RequestURL = withoutParam(f.RequestURL, invitationParam)
	if cookie, err := r.Cookie(identity.InvitationCookie); token == "" && err == nil {
		token = cookie.Value
	}
	i, err := e.invitation(r.Context(), token)
	if err != nil {
		return err
	}
	if i == nil || i.State(time.Now()) != identity.InvitationOpen {
		if e.cfg.Registration.ByInvitation {
			return errByInvitation()
		}
		return nil
	}
	// Kratos keeps what its methods need there: theirs stays.
	kept := map[string]any{}
	if gjson.ParseBytes(f.InternalContext).IsObject() {
		if err := json.Unmarshal(f.InternalContext, &kept); err != nil {
			return fmt.Errorf("remembering an invitation: %w", err)
		}
	}
	kept[invitationOf] = i.ID
	if f.InternalContext, err = json.Marshal(kept); err != nil {
		return fmt.Errorf("remembering an invitation: %w", err)
	}
	return nil
}

func withoutParam(address, name string) string {
	u, err := url.Parse(address)
	if err != nil || !u.Query().Has(name) {
		return address
	}
	query := u.Query()
	query.Del(name)
	u.RawQuery = query.Encode()
	return u.String()
}

// invitation returns the one of a token, or nil.
func (e *Engine) invitation(ctx context.Context, token string) (*identity.Invitation, error) {
	hash := identity.InvitationHash(token)
	if hash == "" || e.cfg.Invitations == nil {
		return nil, nil //nolint:nilnil // most have none
	}
	i, err := e.cfg.Invitations.ByHash(ctx, hash)
	if known := (*identity.Error)(nil); errors.As(err, &known) && known.Code == identity.NotFound {
		return nil, nil //nolint:nilnil // and some a wrong one
	}
	return &i, err
}

// errByInvitation is what everybody gets who has no invitation where that is needed.
func errByInvitation() error {
	return herodot.ErrForbidden.WithID(invitationRequired).
		WithReason("Accounts are made by invitation here: begin with the link of one.")
}

// bringsInvitation runs before a person is stored who signs up, by whatever method.
type bringsInvitation struct{ engine *Engine }

var _ registration.PostHookPrePersistExecutor = bringsInvitation{}

// ExecutePostRegistrationPrePersistHook lets in who was invited, with what the invitation brings: the groups, and,
// if it went by mail, the word that the address is the person's. It is used up where the person is stored.
func (h bringsInvitation) ExecutePostRegistrationPrePersistHook(
	_ http.ResponseWriter, r *http.Request, f *registration.Flow, p *kidentity.Identity,
) error {
	e, ctx := h.engine, r.Context()
	id := gjson.GetBytes(f.InternalContext, invitationOf).String()
	if id == "" || e.cfg.Invitations == nil {
		if e.cfg.Registration.ByInvitation {
			return errByInvitation()
		}
		return nil
	}
	i, err := e.cfg.Invitations.ByID(ctx, id)
	if known := (*identity.Error)(nil); errors.As(err, &known) && known.Code == identity.NotFound {
		return refuseSignUp("the invitation has expired")
	}
	if err != nil {
		return err
	}
	if state := i.State(time.Now()); state != identity.InvitationOpen {
		return refuseSignUp(stateReason(state))
	}
	// It makes the addresses of the traits, and refuses what Kratos would refuse right after this hook.
	if err := e.registry.IdentityValidator().Validate(ctx, p); err != nil {
		return err
	}
	if !isFor(i, p) {
		return refuse(pointer(p.Traits, addressOf(p)), "is not the address that was invited")
	}
	if i.Mailed {
		prove(p, i.Address)
	}
	if p.MetadataPublic, err = withGroups(p.MetadataPublic, i.Groups); err != nil {
		return err
	}
	if j, ok := ctx.Value(joiningKey{}).(*joining); ok {
		j.invitation = &i
	}
	return nil
}

func stateReason(s identity.InvitationState) string {
	switch s {
	case identity.InvitationUsed:
		return "the invitation has been used"
	case identity.InvitationRevoked:
		return "the invitation has been withdrawn"
	}
	return "the invitation has expired"
}

// isFor reports whether an account has the address of an invitation, and no other.
func isFor(i identity.Invitation, p *kidentity.Identity) bool {
	for _, a := range p.VerifiableAddresses {
		if a.Via == kidentity.VerifiableAddressTypeEmail && !strings.EqualFold(a.Value, i.Address) {
			return false
		}
	}
	return strings.EqualFold(addressOf(p), i.Address)
}

func addressOf(p *kidentity.Identity) string {
	for _, a := range p.VerifiableAddresses {
		if a.Via == kidentity.VerifiableAddressTypeEmail {
			return a.Value
		}
	}
	return ""
}

func prove(p *kidentity.Identity, address string) {
	for n := range p.VerifiableAddresses {
		if a := &p.VerifiableAddresses[n]; strings.EqualFold(a.Value, address) && !a.Verified {
			now := sqlxx.NullTime(time.Now().UTC().Round(time.Second))
			a.Verified, a.Status, a.VerifiedAt = true, kidentity.VerifiableAddressStatusCompleted, &now
		}
	}
}

// withGroups adds groups to those in a person's public metadata (internal/claims reads them there).
func withGroups(metadata sqlxx.NullJSONRawMessage, groups []string) (sqlxx.NullJSONRawMessage, error) {
	if len(groups) == 0 {
		return metadata, nil
	}
	all := map[string]any{}
	if gjson.ParseBytes(metadata).IsObject() {
		if err := json.Unmarshal(metadata, &all); err != nil {
			return nil, fmt.Errorf("reading the groups of a person: %w", err)
		}
	}
	list, _ := all["groups"].([]any)
	for _, g := range groups {
		if !slices.Contains(list, any(g)) {
			list = append(list, g)
		}
	}
	all["groups"] = list
	raw, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("writing the groups of a person: %w", err)
	}
	return raw, nil
}

// refuseSignUp is an error over the whole form, and 400 to a program.
func refuseSignUp(reason string) error {
	return &refusal{&schema.ValidationError{
		ValidationError: &jsonschema.ValidationError{Message: reason, InstancePtr: "#/"},
		Messages:        new(text.Messages).Add(text.NewValidationErrorGeneric(reason)),
	}}
}
