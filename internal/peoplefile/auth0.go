package peoplefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// auth0Database is how the ids of people begin whom Auth0 keeps itself.
const auth0Database = "auth0|"

// auth0User is a line of Auth0's export of users, and of its export of password hashes.
type auth0User struct {
	ID         string          `json:"user_id"`
	Email      string          `json:"email"`
	Verified   bool            `json:"email_verified"`
	Username   string          `json:"username"`
	Name       string          `json:"name"`
	Nickname   string          `json:"nickname"`
	Given      string          `json:"given_name"`
	Family     string          `json:"family_name"`
	Phone      string          `json:"phone_number"`
	Picture    string          `json:"picture"`
	Blocked    bool            `json:"blocked"`
	Created    json.RawMessage `json:"created_at"`
	User       map[string]any  `json:"user_metadata"`
	App        map[string]any  `json:"app_metadata"`
	Identities []struct {
		Provider string `json:"provider"`
		UserID   any    `json:"user_id"`
	} `json:"identities"`

	OID struct {
		ID string `json:"$oid"`
	} `json:"_id"`
	AltID       string `json:"alt_id"`
	Hash        string `json:"passwordHash"`
	Identifiers []struct {
		Type     string `json:"type"`
		Value    string `json:"value"`
		Verified bool   `json:"verified"`
	} `json:"identifiers"`
}

// whole settles what the export of hashes says by other words.
func (u *auth0User) whole() {
	if u.ID == "" && u.AltID+u.OID.ID != "" {
		u.ID = auth0Database + first(u.AltID, u.OID.ID)
	}
	for _, i := range u.Identifiers {
		switch {
		case i.Type == "email" && u.Email == "":
			u.Email, u.Verified = i.Value, i.Verified
		case i.Type == "username" && u.Username == "":
			u.Username = i.Value
		case i.Type == "phone_number" && u.Phone == "":
			u.Phone = i.Value
		}
	}
}

// auth0 reads the export of users, the hashes beside it where there are some, or the hashes alone.
func auth0(r io.Reader, o Options) (Source, error) {
	hashes := map[string]string{}
	if o.Passwords != nil {
		in := newLines(o.Passwords, func(_ int, raw []byte) (*Person, error) {
			var u auth0User
			if err := json.Unmarshal(raw, &u); err != nil {
				return nil, errors.New("it is no line of Auth0's export of password hashes")
			}
			if u.whole(); u.ID == "" {
				return nil, errors.New("it has no _id and no user_id")
			}
			hashes[u.ID] = u.Hash
			return &Person{ExternalID: u.ID, Traits: map[string]any{"-": ""}}, nil
		})
		for {
			_, err := in.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("reading the export of password hashes: %w", err)
			}
		}
	}
	return newLines(r, func(_ int, raw []byte) (*Person, error) {
		var u auth0User
		if err := json.Unmarshal(raw, &u); err != nil {
			return nil, wrongType(err, "it is no line of Auth0's export of users")
		}
		if u.whole(); u.ID == "" {
			return nil, &Fault{Field: "user_id", Reason: "is missing; export users with the field user_id"}
		}
		return u.person(o, first(u.Hash, hashes[u.ID]))
	}), nil
}

func (u auth0User) person(o Options, hash string) (*Person, error) {
	p := &Person{ExternalID: u.ID}
	p.state(!u.Blocked)
	p.verify(u.Email, u.Verified)
	name := u.Name
	if name == u.Email {
		name = "" // Auth0 puts the address there where it knows no name
	}
	err := errors.Join(
		o.offer(p, "email", u.Email, "email"), o.offer(p, "username", u.Username, "username"),
		o.named(p, name, u.Given, u.Family), o.offer(p, "phone_number", u.Phone, "phone", "phone_number"),
		o.offer(p, "picture", u.Picture, "picture"), o.offer(p, "nickname", u.Nickname, "nickname"),
		p.word("passwordHash", wordHash, hash), o.created(p, "created_at", u.Created, 0),
	)
	if err != nil {
		return nil, one(err)
	}
	for _, i := range u.Identities {
		subject := fmt.Sprint(i.UserID)
		if i.Provider == "auth0" {
			continue
		}
		if subject == "" || i.UserID == nil {
			o.Left[unnamed(i.Provider)]++
			continue
		}
		provider := i.Provider
		if known := map[string]string{"google-oauth2": "google", "windowslive": "microsoft"}[provider]; known != "" {
			provider = known
		}
		p.Providers = append(p.Providers, Provider{Provider: provider, Subject: subject})
	}
	p.keep("metadata_public.", "user_metadata", u.User)
	p.keep("metadata_admin.", "app_metadata", u.App)
	// Where Auth0's authorization extension keeps them.
	if rights, ok := u.App["authorization"].(map[string]any); ok {
		for _, word := range []string{wordGroups, wordRoles} {
			if rights[word] != nil {
				if err := p.set(word, rights[word]); err != nil {
					return nil, &Fault{Field: "app_metadata.authorization." + word, Reason: err.Error()}
				}
			}
		}
	}
	return p, nil
}

// word sets a word by the value of an attribute.
func (p *Person) word(attribute, word, value string) error {
	if strings.TrimSpace(value) == "" {
		return nil
	}
	if err := p.set(word, value); err != nil {
		return &Fault{Field: attribute, Reason: err.Error()}
	}
	return nil
}

// one is the first of several faults of a person.
func one(err error) error {
	if f := (*Fault)(nil); errors.As(err, &f) {
		return f
	}
	return err
}

func wrongType(err error, otherwise string) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return &Fault{Field: wrong.Field, Reason: "has to be of another type (got " + wrong.Value + ")"}
	}
	return errors.New(otherwise)
}
