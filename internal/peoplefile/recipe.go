package peoplefile

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Options say what a recipe needs besides the export itself.
type Options struct {
	// Map says where attributes go that the recipe has no place for, as for columns.
	Map map[string]string
	// Traits are the paths of traits that the identity schema knows, such as email and name.first.
	Traits map[string]bool
	// Passwords is Auth0's export of password hashes, nil for none.
	Passwords io.Reader
	// HashConfig is what Firebase's console shows as password hash parameters.
	HashConfig string
	// Left counts what was left out.
	Left Left
}

// Recipes are the systems whose exports can be read.
func Recipes() []string { return []string{"auth0", "keycloak", "firebase", "cognito"} }

// Recipe reads the export of another system.
func Recipe(from string, r io.Reader, o Options) (Source, error) {
	if o.Left == nil {
		o.Left = Left{}
	}
	if o.Passwords != nil && from != "auth0" {
		return nil, errors.New("only Auth0 exports the hashes of passwords in a file of their own")
	}
	if o.HashConfig != "" && from != "firebase" {
		return nil, errors.New("only Firebase has parameters of hashes")
	}
	switch from {
	case "auth0":
		return auth0(r, o)
	case "keycloak":
		return keycloak(r, o), nil
	case "firebase":
		return firebase(r, o)
	case "cognito":
		return cognito(r, o)
	}
	return nil, fmt.Errorf("there is no recipe for %q; there is one for %s", from, strings.Join(Recipes(), ", "))
}

// offer puts an attribute of the other system where --map says, or the first place that the schema knows, or
// counts it as left out.
func (o Options) offer(p *Person, name, value string, traits ...string) error {
	if strings.TrimSpace(value) == "" {
		return nil
	}
	to, mapped := o.Map[name]
	if !mapped {
		if i := slices.IndexFunc(traits, func(t string) bool { return o.Traits[t] }); i >= 0 {
			to, mapped = "traits."+traits[i], true
		}
	}
	if !mapped {
		o.Left[name]++
		return nil
	}
	if _, err := target(to, nil); err != nil {
		return err
	}
	if err := p.set(to, value); err != nil {
		return &Fault{Field: name, Reason: err.Error()}
	}
	return nil
}

// named offers the names of a person. A whole name is put together where the schema wants one.
func (o Options) named(p *Person, whole, given, family string) error {
	if whole == "" && o.Traits["name"] {
		whole = strings.TrimSpace(given + " " + family)
	}
	var err error
	if o.Traits["name"] || o.Map["name"] != "" {
		err = o.offer(p, "name", whole, "name")
		if o.Traits["name"] && o.Map["given_name"] == "" && o.Map["family_name"] == "" {
			return err // they are in it
		}
	}
	return errors.Join(err,
		o.offer(p, "given_name", given, "given_name", "name.first", "name.given", "first_name"),
		o.offer(p, "family_name", family, "family_name", "name.last", "name.family", "last_name"))
}

// keep puts an object that the other system lets programs store into metadata.
func (p *Person) keep(place, name string, value any) {
	if object, ok := value.(map[string]any); ok && len(object) == 0 || value == nil {
		return
	}
	p.in(place)[name] = value
}

// unnamed is how accounts elsewhere are counted that no sign-in there can be told by.
func unnamed(provider string) string { return "accounts at " + provider + " without an id" }

// verify notes an address that was verified, where it is a trait at all.
func (p *Person) verify(address string, yes bool) {
	if yes && address != "" && !slices.Contains(p.Verified, address) {
		p.Verified = append(p.Verified, address)
	}
}

func (p *Person) state(active bool) {
	if !active {
		p.State = "inactive"
	}
}
