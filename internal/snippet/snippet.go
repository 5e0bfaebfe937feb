package snippet

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// Input is what goes into a snippet.
type Input struct {
	// Kind is what sort of application it is for, a word of clients[].kind.
	Kind string
	Name string
	// Issuer, Token, Authorization and Metadata are addresses of the provider.
	Issuer, Token, Authorization, Metadata string
	ClientID, Secret, AuthMethod           string
	Redirects, SignedOuts                  []string
	Scopes, Audience                       []string
}

// File is one of a snippet.
type File struct {
	Name    string `json:"name"`
	Content string `json:"content"`
	// Secret files are for their owner alone, and for no repository.
	Secret bool `json:"secret"`
}

// Snippet is code that runs.
type Snippet struct {
	Name  string `json:"name"`
	Files []File `json:"files"`
	// Commands run it, in the folder of its files.
	Commands []string `json:"commands"`
	// Notes are what to know, a sentence each.
	Notes []string `json:"notes"`
}

// data is what templates see.
type data struct {
	Input

	Redirect, SignedOut, Scope, Scheme, Resource string
	// Path is that of Redirect; Provider and AuthPath are in it.
	Path, Provider, AuthPath string
	// Host, Port and Listen are where the application listens, and Open is where people open it.
	Host, Port, Listen, Open string
	Secure                   bool
}

// Make writes a snippet. The error says what its library wants otherwise.
func Make(name string, in Input) (Snippet, error) {
	r, ok := recipes()[name]
	if !ok || !slices.Contains(r.kinds, in.Kind) {
		return Snippet{}, fmt.Errorf("there is no snippet %s for a client of the kind %s; there is %s", name, in.Kind, strings.Join(For(in.Kind), ", "))
	}
	d, err := r.prepare(in)
	if err != nil {
		return Snippet{}, err
	}
	from := name
	if r.folder != nil {
		from = r.folder(in)
	}
	s := Snippet{Name: name, Files: []File{}, Commands: r.commands(d), Notes: r.notes(d)}
	for _, file := range filesOf(from) {
		content, err := execute(path.Join("templates", from, path.Base(strings.TrimPrefix(file, "."))+".tmpl"), d)
		if err != nil {
			return Snippet{}, fmt.Errorf("writing %s: %w", file, err)
		}
		s.Files = append(s.Files, File{Name: file, Content: content, Secret: file == ".env"})
	}
	return s, nil
}

func execute(file string, d data) (string, error) {
	t, err := template.New(path.Base(file)).Funcs(template.FuncMap{
		"json": quoteJSON, "go": strconv.Quote, "html": html.EscapeString, "sh": shell, "random": rand.Text,
		"kotlin": func(s string) (string, error) {
			out, err := quoteJSON(s)
			return strings.ReplaceAll(out, "$", `\$`), err
		},
	}).ParseFS(templates, file)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.Execute(&b, d)
	return b.String(), err
}

func quoteJSON(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// shell is one word for a shell, and for files of variables.
func shell(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._:/@%+=,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// place reads an address where a sign-in ends.
func (d *data) place(redirect, port string) error {
	u, err := url.Parse(redirect)
	if err != nil {
		return fmt.Errorf("reading the redirect URL: %w", err)
	}
	d.Redirect, d.Path, d.Scheme, d.Secure = redirect, u.Path, u.Scheme, u.Scheme == "https"
	d.Host, d.Port, d.Open = "localhost", port, redirect
	if u.Host == "" {
		return nil
	}
	d.Open = u.Scheme + "://" + u.Host + "/"
	if local(u.Hostname()) && u.Scheme == "http" {
		d.Host, d.Port = u.Hostname(), "80"
		if u.Port() != "" {
			d.Port = u.Port()
		}
	}
	d.Listen = net.JoinHostPort(d.Host, d.Port)
	for _, to := range d.SignedOuts {
		if strings.HasPrefix(to, u.Scheme+"://"+u.Host) {
			d.SignedOut = to
			break
		}
	}
	return nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
