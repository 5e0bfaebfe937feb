package stack

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/store"
)

// noteKratos takes what Kratos does not tell by events. It waits for the end of the request.
func (s *Stack) noteKratos(ctx context.Context, n kratos.Noted) {
	s.trail.Load().Hold(ctx, audit.Event{Kind: n.Kind, Subject: n.Subject, Session: n.Session, Details: n.Details})
}

// noteReuse takes the second use of a code or a refresh token.
func (s *Stack) noteReuse(ctx context.Context, client, subject string) {
	s.trail.Load().Hold(ctx, audit.Event{Kind: audit.GrantReused, Actor: audit.ActorClient, Client: client, Subject: subject})
}

// noteRegistration takes an application that registered itself.
func (s *Stack) noteRegistration(ctx context.Context, client string, details map[string]string) {
	s.trail.Load().Hold(ctx, audit.Event{Kind: audit.ClientRegistered, Actor: audit.ActorClient, Client: client, Details: details})
}

// notePage takes what a person did on a page.
func (s *Stack) notePage(ctx context.Context, a identity.Act) {
	s.trail.Load().Hold(ctx, audit.Event{Kind: a.Kind, Subject: a.Person, Client: a.Client, Details: a.Details})
}

// byFile runs f so that what happens in it is the doing of stack.yaml.
func (s *Stack) byFile(ctx context.Context, f func(context.Context) error) error {
	scene := &audit.Scene{}
	scene.SetActor(audit.ActorFile)
	ctx = audit.WithScene(ctx, scene)
	defer s.trail.Load().End(ctx, scene, 0)
	return f(ctx)
}

// noteConfig puts on record that this process starts with another configuration, or with other secrets, than
// the last one of its region.
func (s *Stack) noteConfig(ctx context.Context, t turns) error {
	if t.db == nil {
		return nil
	}
	now, err := digests(s.cfg, s.keys)
	if err != nil {
		return err
	}
	was, err := swapDigests(ctx, t, orElse(s.cfg.Region, "-"), now)
	if err != nil {
		return fmt.Errorf("comparing the configuration with the last one: %w", err)
	}
	for _, e := range configEvents(was, now) {
		if err := s.trail.Load().Note(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// secretPrefix is in front of the names of secrets among the digests.
const secretPrefix = "secrets."

// digests are one for each section of the configuration, without secrets, and one for each secret that
// seals. They tell nothing but whether something is the same.
func digests(cfg config.Config, k keys) (map[string]string, error) {
	raw, err := cfg.JSON()
	if err != nil {
		return nil, err
	}
	var shown struct {
		Settings map[string]json.RawMessage `json:"settings"`
	}
	if err := json.Unmarshal(raw, &shown); err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	out := map[string]string{}
	for section, text := range shown.Settings {
		out[section] = digest(string(text))
	}
	for name, list := range map[string][]string{"system": k.system, "cookie": k.cookie, "cipher": k.cipher} {
		out[secretPrefix+name] = digest("identityd secret on record " + list[0])
	}
	return out, nil
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// swapDigests puts the digests in the place of the last ones, which it returns; nil at the first start.
func swapDigests(ctx context.Context, t turns, name string, now map[string]string) (was map[string]string, err error) {
	text, err := json.Marshal(now)
	if err != nil {
		return nil, err
	}
	err = store.Tx(ctx, t.db, t.dialect, func(tx *sql.Tx) error {
		was = nil
		var before string
		err := tx.QueryRowContext(ctx, "SELECT digest FROM identityd_audit_config WHERE name = $1", name).Scan(&before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err == nil {
			if before == string(text) {
				was = now
				return nil
			}
			if err := json.Unmarshal([]byte(before), &was); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO identityd_audit_config (name, digest, at_ms) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, at_ms = excluded.at_ms`, name, string(text), time.Now().UnixMilli())
		return err
	})
	return was, err
}

// configEvents says what differs. The first start changes nothing.
func configEvents(was, now map[string]string) []audit.Event {
	if was == nil {
		return nil
	}
	var (
		out      []audit.Event
		sections []string
	)
	all := maps.Clone(was)
	maps.Copy(all, now)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if was[name] == now[name] {
			continue
		}
		if secret, ok := strings.CutPrefix(name, secretPrefix); ok {
			out = append(out, audit.Event{Kind: audit.SecretRotated, Actor: audit.ActorFile, Details: map[string]string{"secret": secret}})
			continue
		}
		sections = append(sections, name)
	}
	if len(sections) > 0 {
		out = append(out, audit.Event{
			Kind: audit.ConfigChanged, Actor: audit.ActorFile, Details: map[string]string{"sections": strings.Join(sections, " ")},
		})
	}
	return out
}
