package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/translate"
)

// importReader finds out whose file each is, and reads what they name.
type importReader struct {
	ctx   context.Context //nolint:containedctx // of one command, whose end it is
	fetch bool
	// folders are those of the files that were read: in them is what a container had elsewhere.
	folders []string
}

func (r *importReader) read(in *translate.Input, args, envFiles []string) error {
	var compose, files []translate.Source
	for _, name := range args {
		data, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("reading a file to import: %w", err)
		}
		values, err := translate.Parse(name, data)
		if err != nil {
			return err
		}
		if folder := filepath.Dir(name); !slices.Contains(r.folders, folder) {
			r.folders = append(r.folders, folder)
		}
		switch kind := translate.KindOf(values); kind {
		case translate.Compose:
			found := translate.ComposeServices(name, values)
			if len(found) == 0 {
				return fmt.Errorf("reading %s: none of its services is a Hydra or a Kratos, by image or name; give their settings by --env-file", name)
			}
			compose = append(compose, found...)
		case translate.IdentitySchema:
			in.IdentitySchema = &translate.File{Name: name, Data: data}
		case translate.OfHydra, translate.OfKratos:
			files = append(files, translate.Source{Engine: string(kind), Name: name, Values: values})
		default:
			engine := engineByName(name, len(files))
			if engine == "" {
				return &usageError{fmt.Errorf("%s is neither of Hydra nor of Kratos, by its keys and its name; rename it hydra.yml or kratos.yml", name)}
			}
			files = append(files, translate.Source{Engine: engine, Name: name, Values: values})
		}
	}
	for i, one := range files {
		// What identityd eject wrote has its secrets in a file beside it, which lies over the other one.
		if strings.Contains(filepath.Base(one.Name), ".secrets.") {
			continue
		}
		if slices.ContainsFunc(files[:i], func(s translate.Source) bool { return s.Engine == one.Engine }) {
			return &usageError{fmt.Errorf("%s is a second file of %s; give one of each", one.Name, one.Engine)}
		}
	}
	// As the engines have it: the environment lies over the file.
	in.Settings = append(files, compose...)
	for _, arg := range envFiles {
		if err := r.readEnv(in, arg); err != nil {
			return err
		}
	}
	return nil
}

func engineByName(name string, before int) string {
	base := strings.ToLower(filepath.Base(name))
	switch {
	case strings.Contains(base, "hydra"):
		return string(translate.OfHydra)
	case strings.Contains(base, "kratos"):
		return string(translate.OfKratos)
	case before < 2:
		return ""
	}
	return ""
}

func (r *importReader) readEnv(in *translate.Input, arg string) error {
	engines := []string{string(translate.OfHydra), string(translate.OfKratos)}
	file := arg
	if engine, rest, ok := strings.Cut(arg, "="); ok && slices.Contains(engines, engine) {
		engines, file = []string{engine}, rest
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading --env-file: %w", err)
	}
	environ := translate.ParseEnv(data)
	if len(environ) == 0 {
		return &usageError{fmt.Errorf("--env-file: %s has no line of the form NAME=value", file)}
	}
	for _, engine := range engines {
		in.Settings = append(in.Settings, translate.Source{Engine: engine, Name: file, Environ: environ})
	}
	return nil
}

// open reads what an address names. A path in a container is nowhere here, so that a file of that name beside
// the settings is taken for it.
func (r *importReader) open(address string) ([]byte, error) {
	if strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://") {
		if !r.fetch {
			return nil, errors.New("nothing is fetched without --fetch")
		}
		return r.get(address)
	}
	path, ok := strings.CutPrefix(address, "file://")
	if !ok {
		return nil, errors.New("it is none of file://, base64://, http:// and https://")
	}
	candidates := []string{path}
	for _, folder := range r.folders {
		if !filepath.IsAbs(path) {
			candidates = append(candidates, filepath.Join(folder, path))
		}
		candidates = append(candidates, filepath.Join(folder, filepath.Base(path)))
	}
	for _, one := range candidates {
		if data, err := os.ReadFile(one); err == nil {
			return data, nil
		}
	}
	return nil, fmt.Errorf("neither %s nor a file of that name beside the settings is there", path)
}

func (r *importReader) get(address string) ([]byte, error) {
	const most = 1 << 20
	ctx, cancel := context.WithTimeout(r.ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", res.Status)
	}
	return io.ReadAll(io.LimitReader(res.Body, most))
}
