package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

// Options say where a configuration is read from.
type Options struct {
	// File is the file to read, relative to Dir. Empty: stack.yaml in Dir when there is one.
	File string
	// Dir is the working directory; empty: the current one.
	Dir string
	// Environ is the environment, as os.Environ returns it.
	Environ []string
	// Set holds the values of flags by path; they win over everything else.
	Set map[string]string
	// CheckClaims returns what is wrong with claims, with whole paths (claims.profile.name), so that
	// it is told together with everything else; nil checks its shape only.
	CheckClaims func(map[string]map[string]any) []Problem
	// KnownClaims returns the claims that some scope reveals, which is what clients can be narrowed to; nil
	// takes every name.
	KnownClaims func(map[string]map[string]any) []string
	// OnlyDatabase leaves out what is wrong with other sections, and takes a password_file that is not
	// there yet for one to be made. It is for the command that makes the databases, which comes first.
	OnlyDatabase bool
	// AnyMode does not refuse files of secrets that everybody can read, such as the fixtures that tests check
	// out. No setting and no flag reaches it.
	AnyMode bool
}

// Load reads the layers (defaults, file, environment, flags) and judges the result. Anything wrong
// with the configuration is in the *Problems it returns, all of it at once.
func Load(opts Options) (Config, error) {
	cfg, problems := Inspect(opts)
	if problems != nil {
		return Config{}, problems
	}
	return cfg, nil
}

// Inspect is Load for those who go on with what was understood: what the problems name has no value that
// anything may be done with.
func Inspect(opts Options) (Config, *Problems) {
	c := &collector{from: map[string]string{}, onlyDatabase: opts.OnlyDatabase, anyMode: opts.AnyMode}
	dir := absolute(opts.Dir, ".")
	source := opts.source(dir)
	if source != "" {
		dir = filepath.Dir(source)
	}
	words := vocabulary()
	var file map[string]any
	if source != "" {
		if file = c.loadFile(source); file == nil && len(c.problems) > 0 {
			return Config{Source: source, Dir: dir}, c.err(source)
		}
		checkKeys(c, words, file)
	}
	layers := append([]layer{{name: "file", values: file}}, overrides(c, words, dir, opts)...)
	raw := merge(layers)
	profile := settleProfile(c, raw, source)
	c.profile = profile
	if source != "" {
		warnInline(c, source, file)
	}

	cfg := defaults(profile)
	cfg.Source, cfg.Dir, cfg.Origins = source, dir, origins(c, words, layers)
	cfg.LayerFiles = c.files
	decode(c, words, raw, &cfg)
	cfg.Profile = profile
	c.freeze()

	checkNotImplemented(c, words, cfg)
	resolve(c, &cfg)
	checkRules(c, &cfg)
	checkClaims(c, cfg.Claims, opts.CheckClaims)
	checkClientClaims(c, cfg, opts.KnownClaims)
	checkOwned(c, &cfg)
	cfg.Warnings = sorted(c.warnings)
	return cfg, c.err(source)
}

// source returns the file to read, empty for none.
func (o Options) source(dir string) string {
	if o.File != "" {
		return absolute(dir, o.File)
	}
	path := filepath.Join(dir, "stack.yaml")
	// A file that is there but cannot be looked at is for loadFile to report: starting with the
	// development profile in its place would be worse.
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return path
}

func (c *collector) loadFile(path string) map[string]any {
	data, err := readFile(path)
	if err != nil {
		cure := ""
		switch {
		case errors.Is(err, fs.ErrNotExist):
			cure = "; name the file that is meant, or write one with identityd config init"
		case errors.Is(err, fs.ErrPermission):
			cure = "; let the user that runs identityd read it"
		case errors.Is(err, syscall.EISDIR):
			cure = "; name the file in it"
		}
		c.add("", "reading %s: %v%s", path, err, cure)
		return nil
	}
	return parseMap(c, "", filepath.Base(path), data)
}

// layer is what one source says.
type layer struct {
	// name is the source; empty for one whose keys come from variables or flags of their own.
	name   string
	values map[string]any
}

// merge lays later layers over earlier ones.
func merge(layers []layer) map[string]any {
	k := koanf.New(".")
	for _, one := range layers {
		if one.values == nil {
			continue
		}
		// A map that is in memory already cannot fail to load.
		if err := k.Load(confmap.Provider(one.values, ""), nil); err != nil {
			continue
		}
	}
	return k.Raw()
}

// origins names the highest layer that says something of each word.
func origins(c *collector, words []key, layers []layer) map[string]string {
	out := map[string]string{}
	for _, k := range words {
		if k.shape == section {
			continue
		}
		out[k.path] = "default"
		for _, one := range layers {
			if _, ok := lookup(one.values, k.path); !ok {
				continue
			}
			if out[k.path] = one.name; one.name == "" {
				out[k.path] = c.from[k.path]
			}
		}
	}
	return out
}

// settleProfile finds the profile first, since the defaults depend on it.
func settleProfile(c *collector, raw map[string]any, source string) Profile {
	v, ok := lookup(raw, "profile")
	s, isText := v.(string)
	switch {
	case ok && isText && (Profile(s) == Production || Profile(s) == Development):
		return Profile(s)
	case !ok && source != "":
		c.add("profile", "must be set; write profile: development to try things out, or profile: production")
	}
	return Development
}

// absolute resolves path against dir; an empty path stays empty.
func absolute(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	abs, err := filepath.Abs(filepath.Join(dir, path))
	if err != nil {
		return filepath.Join(dir, path)
	}
	return abs
}
