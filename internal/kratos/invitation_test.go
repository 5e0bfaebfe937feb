package kratos

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ory/herodot"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/x/sqlxx"

	"example.com/identityd/internal/identity"
)

// reached is a person with addresses; one that ends with ! is verified, one that begins with + is of a telephone.
func reached(addresses ...string) *kidentity.Identity {
	p := &kidentity.Identity{}
	for _, a := range addresses {
		value, verified := strings.CutSuffix(a, "!")
		via := kidentity.VerifiableAddressTypeEmail
		if strings.HasPrefix(value, "+") {
			via = kidentity.AddressTypeSMS
		}
		p.VerifiableAddresses = append(p.VerifiableAddresses, kidentity.VerifiableAddress{Value: value, Verified: verified, Via: via})
	}
	return p
}

func TestWhoseInvitationItIs(t *testing.T) {
	link, mailed := identity.Invitation{Address: "ada@example.com"}, identity.Invitation{Address: "ada@example.com", Mailed: true}
	for name, tt := range map[string]struct {
		addresses             []string
		signUp, owned, byMail bool
	}{
		"the address":                   {[]string{"ada@example.com"}, true, false, true},
		"the address, verified":         {[]string{"Ada@example.com!"}, true, true, true},
		"with a telephone":              {[]string{"+491", "ada@example.com!"}, true, true, true},
		"another one":                   {[]string{"eve@example.com!"}, false, false, false},
		"the address beside another":    {[]string{"ada@example.com", "eve@example.com!"}, false, false, true},
		"another that is verified":      {[]string{"eve@example.com!", "ada@example.com!"}, false, true, true},
		"nobody who can be reached":     {nil, false, false, false},
		"one that only begins the same": {[]string{"ada@example.com.eve.net!"}, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := reached(tt.addresses...)
			got, want := []bool{isFor(link, p), owns(p, link), owns(p, mailed)}, []bool{tt.signUp, tt.owned, tt.byMail}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("may sign up, and accept by link and by mail (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatAnInvitationMayHold(t *testing.T) {
	schema := func(way string) []Schema {
		return []Schema{{ID: "email", Raw: []byte(`{"properties":{"traits":{"properties":{"email":{"ory.sh/kratos":{` + way + `}}}}}}`)}}
	}
	good := schema(`"verification":{"via":"email"}`)
	for name, tt := range map[string]struct {
		change func(*Engine, *invitationAsked)
		want   string // what the refusal begins with, empty for none
	}{
		"an address":                    {func(*Engine, *invitationAsked) {}, ""},
		"the longest time":              {func(_ *Engine, a *invitationAsked) { a.ExpiresIn = "2160h" }, ""},
		"more than that":                {func(_ *Engine, a *invitationAsked) { a.ExpiresIn = "2160h1s" }, "expires_in"},
		"no time to read it":            {func(_ *Engine, a *invitationAsked) { a.ExpiresIn = "59s" }, "expires_in"},
		"no address":                    {func(_ *Engine, a *invitationAsked) { a.Address = "Ada <ada@example.com>" }, "address"},
		"a group that reads as two":     {func(_ *Engine, a *invitationAsked) { a.Groups = []string{"a\nb"} }, "groups"},
		"addresses that prove nothing":  {func(e *Engine, _ *invitationAsked) { e.cfg.Schemas = schema(`"recovery":{"via":"email"}`) }, "new accounts have no address"},
		"where nobody can sign up":      {func(e *Engine, _ *invitationAsked) { e.cfg.Registration.Closed = true }, "nobody can sign up"},
		"a database that keeps none":    {func(e *Engine, _ *invitationAsked) { e.cfg.Invitations = nil }, "a database in memory"},
		"a mail where none can be sent": {func(_ *Engine, a *invitationAsked) { a.Send = true }, "send"},
	} {
		t.Run(name, func(t *testing.T) {
			e := &Engine{cfg: Config{Schemas: good, DefaultSchema: "email", Invitations: struct{ Invitations }{}}}
			a := invitationAsked{Address: " Ada@example.com ", Groups: []string{"staff", "staff"}}
			tt.change(e, &a)
			i, err := e.asked(a)
			var refused *herodot.DefaultError
			switch {
			case tt.want != "":
				if !errors.As(err, &refused) || !strings.HasPrefix(refused.Reason(), tt.want) {
					t.Errorf("got %v", err)
				}
			case err != nil || i.Address != "ada@example.com" || !cmp.Equal(i.Groups, []string{"staff"}) || i.Expires.Sub(i.Made) < time.Minute:
				t.Errorf("got %+v, %v", i, err)
			}
		})
	}
}

func TestWhichFactorsAreMeant(t *testing.T) {
	who := &kidentity.Identity{Credentials: map[kidentity.CredentialsType]kidentity.Credentials{
		kidentity.CredentialsTypeWebAuthn: {Config: sqlxx.JSONRawMessage(`{"credentials":[{"id":"qrs="},{"id":"qrw="}]}`)}, // aabb, aabc
		kidentity.CredentialsTypeTOTP:     {Config: sqlxx.JSONRawMessage(`{"totp_url":"otpauth://x"}`)},
	}}
	for name, tt := range map[string]struct {
		kind, key string
		want      int // 0 for a refusal
	}{
		"all":                      {factorAll, "", 3},
		"all of a kind":            {factorWebAuthn, "", 2},
		"one by its beginning":     {factorWebAuthn, "AABB", 1},
		"a beginning of two":       {factorWebAuthn, "aab", 0},
		"one that is not there":    {factorWebAuthn, "bb", 0},
		"a kind that is not there": {factorPasskey, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := chosen(who, tt.kind, tt.key)
			if len(got) != tt.want || (err == nil) != (tt.want > 0) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestWhoIsToldOfFactors(t *testing.T) {
	p := reached("+491!", "old@example.com", "ada@example.com!")
	p.RecoveryAddresses = []kidentity.RecoveryAddress{{Value: "backup@example.com", Via: kidentity.RecoveryAddressTypeEmail}}
	if diff := cmp.Diff([]string{"ada@example.com"}, mailOf(p)); diff != "" {
		t.Error(diff)
	}
	p.VerifiableAddresses = p.VerifiableAddresses[:2]
	if diff := cmp.Diff([]string{"backup@example.com"}, mailOf(p)); diff != "" {
		t.Error(diff)
	}
}
