package peoplefile

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// cognito reads people of a user pool: a CSV file with the columns of its import, or what list-users prints. Cognito
// gives no hashes away, so that people come in by recovery.
func cognito(r io.Reader, o Options) (Source, error) {
	in := bufio.NewReader(withoutMark(r))
	for {
		c, _, err := in.ReadRune()
		if err != nil {
			return nil, errors.New("the file is empty")
		}
		if strings.ContainsRune(" \t\r\n", c) {
			continue
		}
		in.UnreadRune() //nolint:errcheck // it was read
		if c == '{' {
			return cognitoList(in, o), nil
		}
		return cognitoTable(in, o)
	}
}

func cognitoList(r io.Reader, o Options) Source {
	type attribute struct{ Name, Value string }
	return newList(r, "what aws cognito-idp list-users prints", []string{"Users"}, func(raw []byte) (*Person, error) {
		var u struct {
			Username   string
			Attributes []attribute
			Created    json.RawMessage `json:"UserCreateDate"`
			Enabled    *bool
		}
		if err := json.Unmarshal(raw, &u); err != nil {
			return nil, wrongType(err, "it is nobody of a user pool")
		}
		all := map[string]string{"cognito:username": u.Username}
		for _, a := range u.Attributes {
			all[a.Name] = a.Value
		}
		p, err := cognitoPerson(o, all)
		if err != nil {
			return nil, err
		}
		p.state(u.Enabled == nil || *u.Enabled)
		// The second version of aws prints an instant, the first one seconds.
		return p, o.created(p, "UserCreateDate", u.Created, time.Second)
	})
}

// cognitoRows are the rows of a CSV file.
type cognitoRows struct {
	rows   *csv.Reader
	header []string
	o      Options
}

func cognitoTable(r io.Reader, o Options) (Source, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	if !contains(header, "cognito:username") {
		return nil, errors.New("it is no file of Cognito's: its header has no column cognito:username (aws cognito-idp get-csv-header shows what a pool has)")
	}
	return &cognitoRows{rows, header, o}, nil
}

// Next implements Source.
func (t *cognitoRows) Next() (*Person, error) {
	row, err := t.rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	line, _ := t.rows.FieldPos(0)
	if len(row) != len(t.header) {
		return nil, &Fault{Line: line, Reason: fmt.Sprintf("it has %d columns and the header %d", len(row), len(t.header))}
	}
	all := map[string]string{}
	for i, name := range t.header {
		all[name] = row[i]
	}
	p, err := cognitoPerson(t.o, all)
	if err == nil {
		p.Line = line
		err = p.finish()
	}
	if err != nil {
		return nil, at(line, err)
	}
	return p, nil
}

func cognitoPerson(o Options, all map[string]string) (*Person, error) {
	username := all["cognito:username"]
	p := &Person{ExternalID: first(all["sub"], username)}
	said := map[string]bool{}
	for _, name := range []string{"email_verified", "phone_number_verified", "cognito:mfa_enabled"} {
		if all[name] == "" {
			continue
		}
		var err error
		if said[name], err = truth(all[name]); err != nil {
			return nil, &Fault{Field: name, Reason: err.Error()}
		}
	}
	p.verify(all["email"], said["email_verified"])
	p.verify(all["phone_number"], said["phone_number_verified"] && o.Traits["phone"])
	if said["cognito:mfa_enabled"] {
		o.Left["second factors (cognito:mfa_enabled)"]++ // no export has the factor itself
	}
	if all["preferred_username"] != "" {
		username = all["preferred_username"]
	}
	err := errors.Join(
		o.offer(p, "email", all["email"], "email"), o.offer(p, "username", username, "username"),
		o.named(p, all["name"], all["given_name"], all["family_name"]),
		o.offer(p, "phone_number", all["phone_number"], "phone", "phone_number"),
	)
	if err != nil {
		return nil, one(err)
	}
	done := []string{
		"email", "email_verified", "phone_number", "phone_number_verified", "name", "given_name", "family_name",
		"cognito:username", "preferred_username", "sub", "identities", "updated_at", "cognito:mfa_enabled", "cognito:user_status",
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if slices.Contains(done, name) || all[name] == "" {
			continue
		}
		if _, mapped := o.Map[name]; !mapped && strings.HasPrefix(name, "custom:") {
			p.in("metadata_admin.")[strings.TrimPrefix(name, "custom:")] = all[name]
			continue
		}
		if err := o.offer(p, name, all[name], name); err != nil {
			return nil, one(err)
		}
	}
	return p, o.cognitoProviders(p, all["identities"])
}

// cognitoProviders reads the accounts elsewhere, which are JSON in an attribute.
func (o Options) cognitoProviders(p *Person, text string) error {
	if text == "" {
		return nil
	}
	var list []struct {
		Provider string `json:"providerName"`
		UserID   string `json:"userId"`
	}
	if json.Unmarshal([]byte(text), &list) != nil {
		return &Fault{Field: "identities", Reason: "must be a list of accounts as JSON"}
	}
	known := map[string]string{"Google": "google", "SignInWithApple": "apple"}
	for _, i := range list {
		if i.UserID == "" {
			o.Left[unnamed(i.Provider)]++
			continue
		}
		p.Providers = append(p.Providers, Provider{Provider: first(known[i.Provider], i.Provider), Subject: i.UserID})
	}
	return nil
}
