package snippet

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

func begin(in Input) data { return data{Input: in, Scope: strings.Join(in.Scopes, " ")} }

func nowhere(in Input) (data, error) { return begin(in), nil }

// atFirst is for what is served at the first address. port is where it listens behind another one.
func atFirst(port string, check func(*data) error) func(Input) (data, error) {
	return func(in Input) (data, error) {
		d := begin(in)
		if len(in.Redirects) == 0 {
			return d, errors.New("a snippet for people needs a redirect URL")
		}
		if err := d.place(in.Redirects[0], port); err != nil {
			return d, err
		}
		return d, check(&d)
	}
}

func anyPath(*data) error { return nil }

// pathOfItsOwn is for the router of Go.
func pathOfItsOwn(d *data) error {
	if strings.Trim(d.Path, "/") == "" || strings.ContainsAny(d.Path, "{} ") {
		return fmt.Errorf("the snippet go-oidc needs a path of its own, as in %scallback (got %s)", d.Open, d.Redirect)
	}
	return nil
}

// lastWord is for libraries that have the name of the provider at the end of the path.
func lastWord(after string) func(*data) error {
	return func(d *data) error {
		before, name, ok := strings.Cut(d.Path, after)
		if !ok || name == "" || strings.ContainsAny(name, "/ ") || before == "" && after == "/callback/" {
			return fmt.Errorf("this library takes sign-ins at a path that ends with %sNAME; name the origin alone (%s), or write such a path (got %s)",
				after, strings.TrimSuffix(d.Open, "/"), d.Redirect)
		}
		d.AuthPath, d.Provider = before, name
		return nil
	}
}

func atLoopback(in Input) (data, error) {
	d := begin(in)
	for _, uri := range in.Redirects {
		if strings.HasPrefix(uri, "http://127.0.0.1") {
			return d, d.place(uri, "")
		}
	}
	return d, errors.New("this snippet listens on loopback; name http://127.0.0.1/callback as a redirect URL")
}

func atScheme(in Input) (data, error) {
	d := begin(in)
	i := slices.IndexFunc(in.Redirects, ownScheme)
	if i < 0 {
		return d, errors.New("AppAuth wants a scheme of the application's own, a domain of yours backwards, as in com.example.app:/oauth2redirect")
	}
	return d, d.place(in.Redirects[i], "")
}

func forMCP(in Input) (data, error) {
	d := begin(in)
	d.Resource = cmp.Or(append(slices.Clone(in.Audience), "https://mcp.example.com")...)
	for _, raw := range in.Audience {
		if u, err := url.Parse(raw); err != nil || u.Scheme == "" {
			return d, fmt.Errorf("the audience of an MCP server is its address, as in https://mcp.example.com (got %s)", raw)
		}
	}
	return d, nil
}
