package cli

import (
	"fmt"
	"slices"
	"strings"

	"example.com/identityd/internal/stack"
)

// bootstrapped is what bootstrap prints for programs.
type bootstrapped struct {
	Server    string              `json:"server"`
	URL       string              `json:"url"`
	Databases []bootstrapDatabase `json:"databases"`
	Users     []bootstrapUser     `json:"users"`
	Warnings  []string            `json:"warnings"`
}

type bootstrapDatabase struct {
	Name      string `json:"name"`
	Serving   string `json:"serving"`
	Migrating string `json:"migrating"`
	Created   bool   `json:"created"`
	// Moved counts the tables that were given to the migrating user.
	Moved int `json:"moved_tables"`
}

type bootstrapUser struct {
	Name         string `json:"name"`
	Created      bool   `json:"created"`
	PasswordSet  bool   `json:"password_set"`
	PasswordFile string `json:"password_file,omitempty"`
	// Password is told once, where nothing else keeps it.
	Password string `json:"password,omitempty"`
}

func bootstrapReport(r stack.BootstrapReport) bootstrapped {
	out := bootstrapped{
		Server: r.Server.String(), URL: r.URL,
		Databases: []bootstrapDatabase{}, Users: []bootstrapUser{}, Warnings: append([]string{}, r.Warnings...),
	}
	for _, d := range r.Plan.Databases {
		out.Databases = append(out.Databases, bootstrapDatabase{
			d.Name, d.Serving, d.Migrating, slices.Contains(r.CreatedDatabases, d.Name), r.Moved[d.Name],
		})
	}
	for _, name := range r.Plan.Roles() {
		user := bootstrapUser{
			Name: name, Created: slices.Contains(r.CreatedRoles, name), PasswordSet: slices.Contains(r.SetPasswords, name),
		}
		if account := r.Accounts[name]; account != nil {
			user.PasswordFile, user.Password = account.File, account.Password
		}
		out.Users = append(out.Users, user)
	}
	return out
}

// bootstrapDone says what was done, also when it ended half way: passwords are told only once.
func bootstrapDone(r stack.BootstrapReport) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for _, w := range r.Warnings {
		line("warning: %s", w)
	}
	for _, name := range r.CreatedRoles {
		line("made the user %s", name)
	}
	for _, name := range r.CreatedDatabases {
		line("made the database %s", name)
	}
	for _, db := range r.Plan.Databases {
		if n := r.Moved[db.Name]; n > 0 {
			line("gave %d tables of %s to %s", n, db.Name, db.Migrating)
		}
	}
	for _, name := range r.SetPasswords {
		switch account := r.Accounts[name]; {
		case account.Password != "":
			line("the password of %s, which is not shown again: %s", name, account.Password)
		case account.File != "":
			line("set the password of %s, which is in %s", name, account.File)
		default:
			line("set the password of %s to the one of the configuration", name)
		}
	}
	return b.String()
}

// bootstrapNext says how to go on.
func bootstrapNext(r stack.BootstrapReport) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	place := func(name string) string {
		if account := r.Accounts[name]; account.File != "" {
			return account.File
		}
		return "secrets/" + name
	}
	hydra, kratos := r.Plan.Databases[0], r.Plan.Databases[1]
	line("\n%s is ready. In stack.yaml:\n", r.Server)
	line("database:\n  url: %s", r.URL)
	for i, db := range r.Plan.Databases {
		password := ", password_file: " + place(db.Serving) + " }"
		if r.Accounts[db.Serving].Inline {
			password = " }   # and its password, as it is"
		}
		line("  %s: { name: %s, user: %s%s", []string{"hydra", "kratos"}[i], db.Name, db.Serving, password)
	}
	line("  migrate: wait   # the serving users may not make tables")
	line("\nBefore a new version serves, and now, migrate as the users who may:\n")
	for _, pair := range [][2]string{
		{"HYDRA_USER", hydra.Migrating},
		{"HYDRA_PASSWORD_FILE", place(hydra.Migrating)},
		{"KRATOS_USER", kratos.Migrating},
		{"KRATOS_PASSWORD_FILE", place(kratos.Migrating)},
	} {
		line("IDENTITYD_DATABASE_%s=%s \\", pair[0], pair[1])
	}
	line("  identityd migrate --config stack.yaml")
	return b.String()
}
