package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// adminAPI is the admin API of one engine.
type adminAPI struct {
	base, token string
	rt          http.RoundTripper
	// at says where it is, for people.
	at string
	// unknown is why there is none.
	unknown error
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 20

// apiError is an answer that is no success.
type apiError struct {
	Status int
	Reason string
}

// Error implements error.
func (e *apiError) Error() string { return e.Reason }

// isStatus reports whether err is an answer with that status.
func isStatus(err error, status int) bool {
	var refused *apiError
	return errors.As(err, &refused) && refused.Status == status
}

// Call sends in as JSON, or as a form when it is url.Values, unless it is nil, and reads the answer into out,
// unless that is nil. An answer that is no success is an *apiError.
func (c *adminAPI) Call(ctx context.Context, method, path string, in, out any) error {
	_, err := c.call(ctx, method, path, in, out)
	return err
}

// call is Call, and returns the header of the answer.
func (c *adminAPI) call(ctx context.Context, method, path string, in, out any) (http.Header, error) {
	if c.unknown != nil {
		return nil, c.unknown
	}
	body, kind, err := requestBody(in)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("asking identityd: %w", err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.rt.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", c.at, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", c.at, err)
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return nil, c.refusal(res, raw)
	}
	if out == nil || len(raw) == 0 {
		return res.Header, nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, fmt.Errorf("%s is no admin API of identityd, as it seems: its answer cannot be read: %w", c.at, err)
	}
	return res.Header, nil
}

func requestBody(in any) (body io.Reader, kind string, err error) {
	switch in := in.(type) {
	case nil:
		return http.NoBody, "", nil
	case url.Values:
		return strings.NewReader(in.Encode()), "application/x-www-form-urlencoded", nil
	default:
		raw, err := json.Marshal(in)
		if err != nil {
			return nil, "", fmt.Errorf("asking identityd: %w", err)
		}
		return bytes.NewReader(raw), "application/json", nil
	}
}

// refusal reads the errors of both engines: an object with a reason, and that of RFC 6749.
func (c *adminAPI) refusal(res *http.Response, raw []byte) error {
	var (
		kratos struct {
			Error struct{ Reason, Message string } `json:"error"`
		}
		hydra struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}
	)
	reason := ""
	switch {
	case json.Unmarshal(raw, &kratos) == nil && kratos.Error.Reason+kratos.Error.Message != "":
		reason = kratos.Error.Reason
		if reason == "" {
			reason = kratos.Error.Message
		}
	case json.Unmarshal(raw, &hydra) == nil && hydra.Description+hydra.Error != "":
		reason = hydra.Description
		if reason == "" {
			reason = hydra.Error
		}
	default:
		reason = c.at + " answers " + res.Status
	}
	// What RFC 6749 has to say in general comes before what is wrong in particular.
	for _, general := range []string{"or is otherwise malformed. ", "parameter of a Client's Metadata. "} {
		if _, particular, ok := strings.Cut(reason, general); ok && particular != "" {
			reason = particular
		}
	}
	// Kratos names the place in the schema before what is wrong: I[#/traits] S[#/properties/...] ...
	if place, rest, ok := strings.Cut(strings.TrimPrefix(reason, "I[#/"), "] S[#"); ok && strings.HasPrefix(reason, "I[") {
		if _, what, ok := strings.Cut(rest, "] "); ok {
			reason = strings.ReplaceAll(place, "/", ".") + ": " + what
		}
	}
	switch res.StatusCode {
	case http.StatusUnauthorized:
		reason = fmt.Sprintf("%s wants a token or another one; name the file of one with --token-file (identityd admin token makes one)", c.at)
	case http.StatusForbidden:
		reason += " (" + c.at + "; identityd admin token NAME --scope makes one that may)"
	case http.StatusServiceUnavailable:
		reason = fmt.Sprintf("%s is not ready: %s", c.at, reason)
	}
	return &apiError{Status: res.StatusCode, Reason: reason}
}
