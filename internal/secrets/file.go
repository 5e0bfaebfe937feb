package secrets

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// length is what Kratos' cipher takes, and enough for everything else.
const length = 32

// Kinds are the lists of a file, in the order in which they are written.
func Kinds() []string { return []string{"system", "cookie", "cipher"} }

// Secret is one entry of a list.
type Secret struct {
	Value string
	// Made is when it was made, as a comment of its line says; zero where there is none. A comment, because
	// the releases before this one refuse words that they do not know.
	Made time.Time
}

// String never returns the value.
func (Secret) String() string { return "***" }

// GoString never returns the value.
func (Secret) GoString() string { return "***" }

// File is a file of secrets in memory. Whatever else is written in it, comments included, stays.
type File struct {
	path string
	doc  *yaml.Node
	// raw is what was read, to notice that somebody else wrote meanwhile.
	raw []byte
}

const madePrefix = "# made "

// Fresh returns a file with one new secret of each kind.
func Fresh(now time.Time) *File {
	f := &File{doc: &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}}
	f.doc.HeadComment = header
	for _, kind := range Kinds() {
		f.Set(kind, []Secret{fresh(now)})
	}
	return f
}

func fresh(now time.Time) Secret {
	return Secret{Value: random(), Made: now.UTC().Truncate(time.Second)}
}

// random returns 32 characters that hold 24 random bytes.
func random() string {
	b := make([]byte, 24)
	rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Open reads a file of secrets. An error never quotes it.
func Open(path string) (*File, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading secrets: %w; identityd secrets generate makes it, and so does the first start of a development profile", err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading secrets: %w", err)
	}
	f := &File{path: path, raw: raw, doc: &yaml.Node{}}
	// The error of yaml may quote a line, and every line is a secret.
	if yaml.Unmarshal(raw, f.doc) != nil || len(f.doc.Content) != 1 || f.doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("reading secrets: %s has not the form of a file of secrets: the keys system, cookie and cipher, each a list", path)
	}
	for _, kind := range Kinds() {
		if n := f.node(kind); n != nil && n.Kind != yaml.SequenceNode {
			return nil, fmt.Errorf("reading secrets: %s in %s must be a list", kind, path)
		}
	}
	return f, nil
}

// node returns the list of a kind, nil when there is none.
func (f *File) node(kind string) *yaml.Node {
	m := f.doc.Content[0]
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == kind {
			return m.Content[i+1]
		}
	}
	return nil
}

// List returns the secrets of a kind.
func (f *File) List(kind string) []Secret {
	n := f.node(kind)
	if n == nil {
		return nil
	}
	var out []Secret
	for _, item := range n.Content {
		s := Secret{Value: item.Value}
		if text, ok := strings.CutPrefix(item.LineComment, madePrefix); ok {
			if at, err := time.Parse(time.RFC3339, strings.TrimSpace(text)); err == nil {
				s.Made = at
			}
		}
		out = append(out, s)
	}
	return out
}

// Set replaces the list of a kind. Entries that stay keep their comments.
func (f *File) Set(kind string, list []Secret) {
	n := f.node(kind)
	if n == nil {
		n = &yaml.Node{Kind: yaml.SequenceNode}
		m := f.doc.Content[0]
		m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: kind}, n)
	}
	before := n.Content
	// One a line: a list in brackets has no place for comments.
	n.Style, n.Content = 0, nil
	for _, s := range list {
		i := slices.IndexFunc(before, func(old *yaml.Node) bool { return old.Value == s.Value })
		if i >= 0 {
			n.Content = append(n.Content, before[i])
			continue
		}
		item := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s.Value}
		if !s.Made.IsZero() {
			item.LineComment = madePrefix + s.Made.Format(time.RFC3339)
		}
		n.Content = append(n.Content, item)
	}
}

// Bytes are what Save writes.
func (f *File) Bytes() ([]byte, error) {
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(f.doc), e.Close()); err != nil {
		return nil, fmt.Errorf("writing secrets: %w", err)
	}
	return out.Bytes(), nil
}

// Create writes the file to a path where there is none, for its owner alone. It appears whole or not at
// all, and who comes second is told by an error that is fs.ErrExist.
func (f *File) Create(path string) error {
	raw, err := f.Bytes()
	if err != nil {
		return err
	}
	tmp, err := temporary(path, raw, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(tmp) //nolint:errcheck // a stray name in the folder is harmless
	if err := os.Link(tmp, path); err != nil {
		return fmt.Errorf("writing secrets: %w", err)
	}
	return syncFolder(path)
}

// Save replaces the file in one step and keeps its mode and its owner: whoever reads it meanwhile finds the
// old one or the new one.
func (f *File) Save() error {
	raw, err := f.Bytes()
	if err != nil {
		return err
	}
	return ReplaceFile(f.path, f.raw, raw)
}

// ReplaceFile puts another text into the place of that of a file of secrets, in one step. The file keeps its owner and
// its mode, and one that is not as it was any more is left alone.
func ReplaceFile(path string, was, raw []byte) error {
	// The file itself, where the path is a link to it.
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("writing secrets: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("writing secrets: %w", err)
	}
	tmp, err := temporary(path, raw, info.Mode().Perm())
	if err != nil {
		return readOnly(err, path)
	}
	defer os.Remove(tmp) //nolint:errcheck // it is gone when all went well
	if err := keepOwner(tmp, info); err != nil {
		return fmt.Errorf("writing secrets: keeping the owner of %s: %w", path, err)
	}
	now, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("writing secrets: %w", err)
	}
	if !bytes.Equal(now, was) {
		return fmt.Errorf("writing secrets: %s has been changed meanwhile; nothing was written, try again", path)
	}
	if err := os.Rename(tmp, path); err != nil {
		return readOnly(fmt.Errorf("writing secrets: %w", err), path)
	}
	return syncFolder(path)
}

// readOnly says what to do where a file is mounted: Kubernetes and Docker mount secrets read-only, and a
// file that is mounted by itself cannot be replaced.
func readOnly(err error, path string) error {
	return fmt.Errorf("%w; where %s is mounted, write it elsewhere with --out and put that into its source", err, path)
}

func temporary(path string, raw []byte, mode fs.FileMode) (string, error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".secrets-*") // 0600 by its contract
	if err != nil {
		return "", fmt.Errorf("writing secrets: %w", err)
	}
	_, err = tmp.Write(raw)
	err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close())
	if err != nil {
		os.Remove(tmp.Name()) //nolint:errcheck // the error that led here is the one to tell
		return "", fmt.Errorf("writing secrets: %w", err)
	}
	return tmp.Name(), nil
}

// syncFolder makes a new name outlast a loss of power.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("writing secrets: %w", err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("writing secrets: %w", err)
	}
	return nil
}
