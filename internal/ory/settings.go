package ory

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// SettingsError says what an engine's own schema refuses, in the words of stack.yaml.
type SettingsError struct {
	Engine string
	// Problems are lines like "hydra.ttl.access_token: does not match pattern ...".
	Problems []string
}

// Error implements error.
func (e *SettingsError) Error() string { return strings.Join(e.Problems, "; ") }

// violation is one line of the schema library that both engines use (ory/jsonschema: errors.go):
// I[#/path/of/the/instance] S[#/path/in/the/schema] message.
var violation = regexp.MustCompile(`I\[#([^\]]*)\] S\[#[^\]]*\] (.*)`)

// ExplainSettings turns the error of an engine's schema into a SettingsError. An error of another kind
// is returned as it is.
func ExplainSettings(engine string, err error) error {
	if err == nil {
		return nil
	}
	var abort *Abort
	if errors.As(err, &abort) {
		return err
	}
	out := &SettingsError{Engine: engine}
	for _, m := range violation.FindAllStringSubmatch(err.Error(), -1) {
		message := m[2]
		// The outer lines of a nested report say only that something inside is wrong.
		if strings.HasPrefix(message, "validation failed") || strings.HasPrefix(message, "doesn't validate with") {
			continue
		}
		path := strings.ReplaceAll(m[1], "/", ".")
		out.Problems = append(out.Problems, fmt.Sprintf("%s%s: %s", engine, path, message))
	}
	if len(out.Problems) == 0 {
		return err
	}
	return out
}
