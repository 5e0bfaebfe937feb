package discreet

import (
	"encoding/json"
	"net/http"
	"regexp"
)

// What is said in place of what happened.
const (
	message     = "Something went wrong on our side."
	reason      = "Please try again, and quote the request when you ask for help."
	description = "The authorization server could not fulfill the request because of a failure of its own. Please try again."
	withheld    = "The request could not be fulfilled. Quote the request when you ask for help."
)

// words are those of an error code, which never hold more than a name.
var words = regexp.MustCompile(`^[a-z][a-z_]{2,60}$`)

// failure makes the body of a failure of ours, in the shape of the one that it takes the place of.
func failure(status int, body map[string]any, oauth bool, requestID string) map[string]any {
	switch e := body["error"].(type) {
	case map[string]any:
		return map[string]any{"error": ory(status, e, requestID)}
	case string:
		code := "server_error"
		if words.MatchString(e) {
			code = e
		}
		return map[string]any{"error": code, "error_description": description}
	}
	if oauth {
		return map[string]any{"error": "server_error", "error_description": description}
	}
	return map[string]any{"error": ory(status, nil, requestID)}
}

// ory makes an error in the shape of herodot's.
func ory(status int, was map[string]any, requestID string) map[string]any {
	out := map[string]any{"code": status, "status": http.StatusText(status), "message": message, "reason": reason}
	if id, ok := was["id"].(string); ok && words.MatchString(id) {
		out["id"] = id
	}
	if id, ok := was["request"].(string); ok && id != "" && !Tells(id) {
		out["request"] = id
	} else if requestID != "" {
		out["request"] = requestID
	}
	return out
}

// refusal takes out of an error what tells of the inside. A flow is none, though it comes with a status of
// 400: it has addresses of ours, which everybody knows.
func refusal(body map[string]any) (map[string]any, bool) {
	changed := false
	for _, key := range []string{"error", "error_description", "error_hint", "error_debug", "message", "reason", "debug"} {
		if was, ok := body[key]; ok {
			now, differs := clean(was)
			body[key], changed = now, changed || differs
		}
	}
	return body, changed
}

// clean replaces every text that tells of the inside.
func clean(v any) (any, bool) {
	changed := false
	switch v := v.(type) {
	case string:
		if Tells(v) {
			return withheld, true
		}
		return v, false
	case map[string]any:
		for key, was := range v {
			now, differs := clean(was)
			v[key], changed = now, changed || differs
		}
		return v, changed
	case []any:
		for i, was := range v {
			now, differs := clean(was)
			v[i], changed = now, changed || differs
		}
		return v, changed
	}
	return v, false
}

// storedError is what may be told of an error that Kratos has stored for a page to show.
func storedError(body map[string]any) map[string]any {
	e, ok := body["error"].(map[string]any)
	if !ok {
		body, _ = refusal(body)
		return body
	}
	if code, ok := e["code"].(json.Number); ok {
		if n, err := code.Int64(); err == nil && n >= http.StatusInternalServerError {
			body["error"] = ory(int(n), e, "")
			return body
		}
	}
	body, _ = refusal(body)
	return body
}
