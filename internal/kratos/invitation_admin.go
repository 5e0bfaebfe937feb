package kratos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ory/herodot"
	kx "github.com/ory/kratos/x"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/lookalike"
)

// What an invitation may hold, and for how long it may be good.
const (
	maxGroups        = 50
	maxGroup         = 200
	maxAddress       = 254
	defaultInvited   = 72 * time.Hour
	shortestInvited  = time.Minute
	longestInvited   = 90 * 24 * time.Hour
	invitationsPage  = 100
	invitationsAtAll = 500
)

// Invited is what the mail of an invitation tells.
type Invited struct {
	// Lang is the language, empty for the first one that is offered.
	Lang string
	// App is the name of the application that the person is invited for, or empty.
	App string
	// Link is good for so long.
	Link string
	Life time.Duration
}

// invitationAsked is the body of a request for one.
type invitationAsked struct {
	Address   string   `json:"address"`
	Groups    []string `json:"groups"`
	ExpiresIn string   `json:"expires_in"`
	Client    string   `json:"client_id"`
	Send      bool     `json:"send"`
	Lang      string   `json:"lang"`
}

// invitationShown is what the admin API says of one. Link is there once, and not where it went by mail.
type invitationShown struct {
	ID        string     `json:"id"`
	Address   string     `json:"address"`
	State     string     `json:"state"`
	Groups    []string   `json:"groups"`
	Client    string     `json:"client_id"`
	Mailed    bool       `json:"mailed"`
	Made      time.Time  `json:"created_at"`
	Expires   time.Time  `json:"expires_at"`
	Used      *time.Time `json:"used_at,omitempty"`
	By        string     `json:"identity_id,omitempty"`
	Revoked   *time.Time `json:"revoked_at,omitempty"`
	Link      string     `json:"link,omitempty"`
	HasPerson *bool      `json:"has_account,omitempty"`
}

func showInvitation(i identity.Invitation) invitationShown {
	out := invitationShown{
		ID: i.ID, Address: i.Address, State: string(i.State(time.Now())), Groups: append([]string{}, i.Groups...),
		Client: i.Client, Mailed: i.Mailed, Made: i.Made.UTC(), Expires: i.Expires.UTC(), By: i.By,
	}
	instant := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC()
		return &t
	}
	out.Used, out.Revoked = instant(i.Used), instant(i.Revoked)
	return out
}

// invite makes an invitation. With send the link goes to the address and nowhere else, so that who comes with it
// has proved the address.
func (e *Engine) invite(r *http.Request) (any, error) {
	ctx := r.Context()
	var asked invitationAsked
	if err := readAsked(r, &asked); err != nil {
		return nil, err
	}
	i, err := e.asked(asked)
	if err != nil {
		return nil, err
	}
	app, err := e.invitedFor(ctx, i.Client)
	if err != nil {
		return nil, err
	}
	taken, err := e.hasAccount(ctx, i.Address)
	if err != nil {
		return nil, err
	}
	token := identity.NewInvitationToken()
	link := e.cfg.Pages.Invitation + "?" + url.Values{"token": {token}}.Encode()
	if err := e.cfg.Invitations.Add(ctx, i, identity.InvitationHash(token)); err != nil {
		return nil, err
	}
	out := showInvitation(i)
	out.HasPerson = &taken
	if !i.Mailed {
		out.Link = link
		return out, nil
	}
	return out, e.sendInvitation(ctx, i.Address, Invited{Lang: asked.Lang, App: app, Link: link, Life: i.Expires.Sub(i.Made)})
}

// asked reads what an invitation is to be.
func (e *Engine) asked(a invitationAsked) (identity.Invitation, error) {
	refused := func(format string, args ...any) (identity.Invitation, error) {
		return identity.Invitation{}, herodot.ErrBadRequest.WithReasonf(format, args...)
	}
	life := defaultInvited
	if a.ExpiresIn != "" {
		var err error
		if life, err = time.ParseDuration(a.ExpiresIn); err != nil || life < shortestInvited || life > longestInvited {
			return refused("expires_in: must be a time from %s to %s, as in 72h (got %q)", shortestInvited, longestInvited, a.ExpiresIn)
		}
	}
	address := strings.ToLower(strings.TrimSpace(a.Address))
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > maxAddress {
		return refused("address: must be an email address, as in anna@example.com (got %q)", a.Address)
	}
	if fault := lookalike.Check(address); fault != lookalike.None {
		return refused("address: the value %s (got %q)", fault, a.Address)
	}
	groups := []string{}
	for _, g := range a.Groups {
		if g == "" || len(g) > maxGroup || strings.ContainsFunc(g, unicode.IsControl) || strings.TrimSpace(g) != g {
			return refused("groups: must be names of 1 to %d bytes without spaces around them (got %q)", maxGroup, g)
		}
		if !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
	}
	switch {
	case len(groups) > maxGroups:
		return refused("groups: at most %d (got %d)", maxGroups, len(groups))
	case e.cfg.Registration.Closed:
		return refused("nobody can sign up, by invitation neither: registration.mode is closed; set it to invite")
	case e.cfg.Invitations == nil:
		return refused("a database in memory keeps no invitations")
	case !proves(e.cfg):
		return refused("new accounts have no address that can be verified, so that an invitation could be anybody's: see identity.schema")
	case a.Send && e.cfg.Mail == nil:
		return refused("send: no mail can be sent here (mail.smtp_url); leave it out, and pass the link on yourself")
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	return identity.Invitation{
		ID: kx.NewUUID().String(), Address: address, Groups: groups, Client: a.Client, Mailed: a.Send, Made: now, Expires: now.Add(life),
	}, nil
}

// proves reports whether new accounts have an address that is verified.
func proves(c Config) bool {
	for _, s := range c.Schemas {
		var v any
		if s.ID == c.DefaultSchema && json.Unmarshal(s.Raw, &v) == nil {
			return verifies(v)
		}
	}
	return false
}

func verifies(v any) bool {
	switch x := v.(type) {
	case map[string]any:
		if way, ok := x["verification"].(map[string]any); ok && way["via"] == "email" {
			return true
		}
		for _, one := range x {
			if verifies(one) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(x, verifies)
	}
	return false
}

// invitedFor returns the name of an application.
func (e *Engine) invitedFor(ctx context.Context, client string) (string, error) {
	if client == "" {
		return "", nil
	}
	unknown := herodot.ErrBadRequest.WithReasonf("client_id: there is no application of the id %q; identityd client list shows those that there are", client)
	if e.cfg.Client == nil {
		return "", unknown
	}
	found, err := e.cfg.Client(ctx, client)
	if known := (*identity.Error)(nil); errors.As(err, &known) && known.Code == identity.NotFound {
		return "", unknown
	}
	if err != nil {
		return "", fmt.Errorf("looking for an application: %w", err)
	}
	return oneLine(found.Name), nil
}

func (e *Engine) sendInvitation(ctx context.Context, to string, about Invited) error {
	text, err := e.cfg.Invited(about)
	if err != nil {
		return fmt.Errorf("writing mail: %w", err)
	}
	c, err := e.registry.Courier(ctx)
	if err != nil {
		return fmt.Errorf("opening the mail queue: %w", err)
	}
	if _, err := c.QueueEmail(ctx, &written{To: to, MailText: text}); err != nil {
		return fmt.Errorf("queueing mail: %w", err)
	}
	return nil
}

// listInvitations answers with a page of them, the newest first.
func (e *Engine) listInvitations(r *http.Request) (any, error) {
	query, limit := r.URL.Query(), invitationsPage
	if raw := query.Get("page_size"); raw != "" {
		n, err := strconv.Atoi(raw)
		if err != nil || n < 1 || n > invitationsAtAll {
			return nil, herodot.ErrBadRequest.WithReasonf("page_size: must be 1 to %d (got %q)", invitationsAtAll, raw)
		}
		limit = n
	}
	before, id := time.Now().Add(time.Hour), ""
	if token := query.Get("page_token"); token != "" {
		at, after, ok := strings.Cut(token, "_")
		ms, err := strconv.ParseInt(at, 10, 64)
		if !ok || err != nil {
			return nil, herodot.ErrBadRequest.WithReason("page_token: is not one that a list gave")
		}
		before, id = time.UnixMilli(ms), after
	}
	out := []invitationShown{}
	if e.cfg.Invitations == nil {
		return out, nil
	}
	list, err := e.cfg.Invitations.List(r.Context(), before, id, limit)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		out = append(out, showInvitation(one))
	}
	if len(list) == limit {
		last := list[len(list)-1]
		next := url.Values{"page_size": {strconv.Itoa(limit)}, "page_token": {fmt.Sprintf("%d_%s", last.Made.UnixMilli(), last.ID)}}
		return page{out, "<" + pathEveryday + "invitations?" + next.Encode() + `>; rel="next"`}, nil
	}
	return out, nil
}

// revokeInvitation ends one that is open. To end one that has ended is no mistake, but a used one is told: its
// account stays.
func (e *Engine) revokeInvitation(r *http.Request) (any, error) {
	id := r.PathValue("id")
	unknown := herodot.ErrNotFound.WithReasonf("There is no invitation of the id %q.", id)
	if e.cfg.Invitations == nil {
		return nil, unknown
	}
	done, err := e.cfg.Invitations.Revoke(r.Context(), id, time.Now())
	if err != nil || done {
		return nil, err
	}
	i, err := e.cfg.Invitations.ByID(r.Context(), id)
	if known := (*identity.Error)(nil); errors.As(err, &known) && known.Code == identity.NotFound {
		return nil, unknown
	}
	if err == nil && !i.Used.IsZero() {
		return nil, herodot.ErrConflict.WithReasonf("It has been used: the account %s was made with it, and stays.", i.By)
	}
	return nil, err
}
