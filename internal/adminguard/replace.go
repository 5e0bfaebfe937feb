package adminguard

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Replaced is a token that took the place of another one.
type Replaced struct {
	Name   string `json:"name"`
	Scopes string `json:"scopes"`
	Token  string `json:"token"`
}

// Replace makes new tokens in the place of those in the text of a file: with the same names, scopes and ends, and where
// name is not empty that one alone. All other lines stay.
func Replace(raw []byte, name string) ([]byte, []Replaced, error) {
	list, err := parse(raw)
	if err != nil {
		return nil, nil, err
	}
	var (
		out   bytes.Buffer
		done  []Replaced
		names []string
	)
	for line := range strings.Lines(string(raw)) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			out.WriteString(line)
			continue
		}
		one := list[len(names)] // parse has found them in this order
		names = append(names, one.holder.Name)
		if name != "" && one.holder.Name != name {
			out.WriteString(line)
			continue
		}
		day := one.until
		if !day.IsZero() {
			day = day.AddDate(0, 0, -1) // the last day itself
		}
		token, fresh, err := NewUntil(one.holder.Name, one.holder.Scopes, day)
		if err != nil {
			return nil, nil, err
		}
		out.WriteString(fresh + "\n")
		done = append(done, Replaced{Name: one.holder.Name, Scopes: strings.Fields(fresh)[1], Token: token})
	}
	if len(done) == 0 {
		return nil, nil, fmt.Errorf("there is no token %s in it; the tokens are %s", name, strings.Join(names, ", "))
	}
	return out.Bytes(), done, nil
}

// ReadFile reads the text of a file of tokens.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading tokens: %w", err)
	}
	if info.Size() > maxFile {
		return nil, errors.New("reading tokens: the file is too long for one")
	}
	return os.ReadFile(path)
}
