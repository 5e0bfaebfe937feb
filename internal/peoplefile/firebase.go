package peoplefile

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// firebaseUser is a person of firebase auth:export in JSON.
type firebaseUser struct {
	ID       string          `json:"localId"`
	Email    string          `json:"email"`
	Verified bool            `json:"emailVerified"`
	Name     string          `json:"displayName"`
	Photo    string          `json:"photoUrl"`
	Phone    string          `json:"phoneNumber"`
	Hash     string          `json:"passwordHash"`
	Salt     string          `json:"salt"`
	Disabled bool            `json:"disabled"`
	Created  json.RawMessage `json:"createdAt"`
	// Claims are JSON in a text.
	Claims    string `json:"customAttributes"`
	Providers []struct {
		ID      string `json:"providerId"`
		Subject string `json:"rawId"`
	} `json:"providerUserInfo"`
}

// scryptConfig are the parameters that all hashes of a Firebase project have in common.
type scryptConfig struct {
	signer, separator []byte
	rounds, cost      int
}

// firebase reads what firebase auth:export writes as JSON.
func firebase(r io.Reader, o Options) (Source, error) {
	var c scryptConfig
	if o.HashConfig != "" {
		var err error
		if c, err = readHashConfig(o.HashConfig); err != nil {
			return nil, err
		}
	}
	return newList(r, "what firebase auth:export writes as JSON", []string{"users"}, func(raw []byte) (*Person, error) {
		var u firebaseUser
		if err := json.Unmarshal(raw, &u); err != nil {
			return nil, wrongType(err, "it is no person of Firebase's export")
		}
		if u.Hash != "" && c.signer == nil {
			return nil, &Fault{Field: "passwordHash", Reason: "nobody can sign in by it without the parameters of the project's hashes; " +
				"copy them from the console (Authentication, Users, the three dots) into a file for --hash-config"}
		}
		return u.person(o, c)
	}), nil
}

func (u firebaseUser) person(o Options, c scryptConfig) (*Person, error) {
	p := &Person{ExternalID: u.ID}
	p.state(!u.Disabled)
	p.verify(u.Email, u.Verified)
	err := errors.Join(
		o.offer(p, "email", u.Email, "email"), o.named(p, u.Name, "", ""),
		o.offer(p, "phone_number", u.Phone, "phone", "phone_number"), o.offer(p, "picture", u.Photo, "picture"),
		o.created(p, "createdAt", u.Created, time.Millisecond),
	)
	if err != nil {
		return nil, one(err)
	}
	if u.Claims != "" {
		var claims map[string]any
		if json.Unmarshal([]byte(u.Claims), &claims) != nil {
			return nil, &Fault{Field: "customAttributes", Reason: "must be a JSON object in a text"}
		}
		for _, word := range []string{wordGroups, wordRoles} {
			if list, ok := claims[word].([]any); ok {
				if err := p.set(word, list); err != nil {
					return nil, &Fault{Field: "customAttributes." + word, Reason: err.Error()}
				}
			}
		}
		p.keep("metadata_admin.", "custom_claims", claims)
	}
	for _, i := range u.Providers {
		if i.ID == "password" || i.ID == "phone" {
			continue
		}
		provider := strings.TrimSuffix(i.ID, ".com")
		if i.Subject == "" {
			o.Left[unnamed(provider)]++
			continue
		}
		p.Providers = append(p.Providers, Provider{Provider: provider, Subject: i.Subject})
	}
	if u.Hash != "" {
		key, err := anyBase64(u.Hash)
		salt, err2 := anyBase64(u.Salt)
		if err != nil || err2 != nil {
			return nil, &Fault{Field: "passwordHash", Reason: "it and its salt must be base64"}
		}
		std := base64.StdEncoding.EncodeToString
		p.PasswordHash = fmt.Sprintf("$firescrypt$ln=%d,r=%d,p=1$%s$%s$%s$%s", c.cost, c.rounds, std(salt), std(key), std(c.separator), std(c.signer))
	}
	return p, nil
}

// readHashConfig reads what the console shows, as it is copied from there.
func readHashConfig(text string) (c scryptConfig, err error) {
	value := func(name string) string {
		found := regexp.MustCompile(`(?m)\b` + name + `"?\s*[:=]\s*"?([^",\s}]+)`).FindStringSubmatch(text)
		if found == nil {
			return ""
		}
		return found[1]
	}
	if kind := value("algorithm"); !strings.EqualFold(kind, "SCRYPT") {
		return c, fmt.Errorf("the parameters of hashes name the algorithm %q; SCRYPT is what Firebase's own are", kind)
	}
	c.signer, err = anyBase64(value("base64_signer_key"))
	if err != nil || len(c.signer) == 0 {
		return c, errors.New("the parameters of hashes have no base64_signer_key that can be read")
	}
	if c.separator, err = anyBase64(value("base64_salt_separator")); err != nil {
		return c, errors.New("the parameters of hashes have no base64_salt_separator that can be read")
	}
	for name, to := range map[string]*int{"rounds": &c.rounds, "mem_cost": &c.cost} {
		if *to, err = strconv.Atoi(value(name)); err != nil || *to < 1 || *to > 30 {
			return c, fmt.Errorf("the parameters of hashes have no %s that can be read", name)
		}
	}
	return c, nil
}

func base32Of(key []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key)
}
