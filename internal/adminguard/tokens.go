package adminguard

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// prefix makes a token recognizable to people and to secret scanners.
const prefix = "idadm_"

// untilPrefix begins the fourth word of a line.
const untilPrefix = "until:"

// maxFile bounds the file of tokens.
const maxFile = 1 << 20

// again is how often the file is looked at for changes.
const again = time.Second

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

// Tokens is a file of tokens, hashed: a line each, "name scope[,scope] sha256:<hex> [until:<day>]". Lines that are
// empty or begin with # are left out. A changed file is read again; one that became unreadable or wrong
// leaves the tokens in force as they were, and OnError is told.
type Tokens struct {
	path    string
	OnError func(error)

	mu      sync.Mutex
	looked  time.Time
	changed time.Time
	list    []token
}

type token struct {
	holder Holder
	// until is when it ceases to open; zero is never.
	until time.Time
	hash  [sha256.Size]byte
}

// Open reads a file of tokens.
func Open(path string) (*Tokens, error) {
	t := &Tokens{path: path, OnError: func(error) {}}
	if err := t.read(); err != nil {
		return nil, err
	}
	t.looked = time.Now()
	return t, nil
}

// Become takes over the file and the tokens of another.
func (t *Tokens) Become(other *Tokens) {
	other.mu.Lock()
	path, changed, list := other.path, other.changed, other.list
	other.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.path, t.changed, t.list, t.looked = path, changed, list, time.Now()
}

// New makes a token and the line that goes into the file. The token itself is shown once and kept
// nowhere: 256 random bits need no slow hash.
func New(name string, scopes []Scope) (secret, line string, err error) {
	return NewUntil(name, scopes, time.Time{})
}

// NewUntil makes a token that opens until the end of a day (UTC); the zero day is none.
func NewUntil(name string, scopes []Scope, day time.Time) (secret, line string, err error) {
	if !validName.MatchString(name) {
		return "", "", fmt.Errorf("the name %q must be letters, digits and . _ @ -, at most 64", name)
	}
	if len(scopes) == 0 {
		return "", "", fmt.Errorf("a token needs a scope, one of %s", words())
	}
	var names []string
	for _, s := range scopes {
		if !slices.Contains(Scopes(), s) {
			return "", "", fmt.Errorf("the scope %q is unknown; choose of %s", s, words())
		}
		names = append(names, string(s))
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails: crypto/rand ends the process instead
	secret = prefix + base64.RawURLEncoding.EncodeToString(random)
	sum := sha256.Sum256([]byte(secret))
	line = name + " " + strings.Join(names, ",") + " sha256:" + hex.EncodeToString(sum[:])
	if !day.IsZero() {
		line += " " + untilPrefix + day.UTC().Format(time.DateOnly)
	}
	return secret, line, nil
}

// find returns who a token was given to. Every hash is compared, each in constant time.
func (t *Tokens) find(secret string) (Holder, bool) {
	sum := sha256.Sum256([]byte(secret))
	var found *token
	list := t.current()
	for i := range list {
		if subtle.ConstantTimeCompare(list[i].hash[:], sum[:]) == 1 {
			found = &list[i]
		}
	}
	if found == nil || found.expired(time.Now()) {
		return Holder{}, false
	}
	return found.holder, true
}

func (t token) expired(now time.Time) bool { return !t.until.IsZero() && !now.Before(t.until) }

func (t *Tokens) current() []token {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.looked) >= again {
		t.looked = time.Now()
		if info, err := os.Stat(t.path); err != nil || !info.ModTime().Equal(t.changed) {
			if err := t.read(); err != nil {
				t.OnError(err)
			}
		}
	}
	return t.list
}

func (t *Tokens) read() error {
	info, err := os.Stat(t.path)
	if err != nil {
		return fmt.Errorf("reading tokens: %w", err)
	}
	if info.Size() > maxFile {
		return fmt.Errorf("reading tokens: %s has more than %d bytes", t.path, maxFile)
	}
	raw, err := os.ReadFile(t.path)
	if err != nil {
		return fmt.Errorf("reading tokens: %w", err)
	}
	list, err := parse(raw)
	if err != nil {
		return fmt.Errorf("reading tokens: %s: %w", t.path, err)
	}
	t.list, t.changed = list, info.ModTime()
	return nil
}

// parse never quotes a line: somebody may have put the token itself there.
func parse(raw []byte) ([]token, error) {
	var list []token
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, maxFile)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		one, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if slices.ContainsFunc(list, func(other token) bool { return other.holder.Name == one.holder.Name }) {
			return nil, fmt.Errorf("line %d: the name %s was used before; each token needs its own", n, one.holder.Name)
		}
		list = append(list, one)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no token in it; make one with `identityd admin token`")
	}
	return list, nil
}

func parseLine(line string) (token, error) {
	parts := strings.Fields(line)
	until, err := parseUntil(parts)
	if err != nil {
		return token{}, err
	}
	if !until.IsZero() {
		parts = parts[:3]
	}
	if len(parts) != 3 || !strings.HasPrefix(parts[2], "sha256:") {
		return token{}, fmt.Errorf("want \"name scope[,scope] sha256:<hex>\", with until:2027-12-31 behind it or not; `identityd admin token` prints such a line " +
			"(tokens are kept hashed, never as they are)")
	}
	if !validName.MatchString(parts[0]) {
		return token{}, fmt.Errorf("the name must be letters, digits and . _ @ -, at most 64")
	}
	one := token{holder: Holder{Name: parts[0]}, until: until}
	for word := range strings.SplitSeq(parts[1], ",") {
		if !slices.Contains(Scopes(), Scope(word)) {
			return token{}, fmt.Errorf("the second word must be scopes, of %s", words())
		}
		one.holder.Scopes = append(one.holder.Scopes, Scope(word))
	}
	sum, err := hex.DecodeString(strings.TrimPrefix(parts[2], "sha256:"))
	if err != nil || len(sum) != sha256.Size {
		return token{}, fmt.Errorf("the hash must be sha256: and 64 hexadecimal digits")
	}
	copy(one.hash[:], sum)
	return one, nil
}

// parseUntil reads the fourth word of a line: the last day (UTC) on which the token opens.
func parseUntil(parts []string) (time.Time, error) {
	if len(parts) != 4 || !strings.HasPrefix(parts[3], untilPrefix) {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, strings.TrimPrefix(parts[3], untilPrefix))
	if err != nil {
		return time.Time{}, fmt.Errorf("the fourth word must be a day, as in %s2027-12-31", untilPrefix)
	}
	return day.AddDate(0, 0, 1), nil
}

func words() string {
	var all []string
	for _, s := range Scopes() {
		all = append(all, string(s))
	}
	return strings.Join(all, ", ")
}
