package discreet

import (
	"encoding/json"
	"strings"
)

// codes are the words of an error: those of RFC 6749 and of Ory, and the numbers of the messages in a flow that
// was refused.
func codes(body map[string]any, unnamed map[string]string) []string {
	switch e := body["error"].(type) {
	case string:
		if words.MatchString(e) {
			return []string{"oauth:" + e}
		}
	case map[string]any:
		if id, ok := e["id"].(string); ok && words.MatchString(id) {
			return []string{"kratos:" + id}
		}
		if message, ok := e["message"].(string); ok && unnamed[message] != "" {
			return []string{"kratos:" + unnamed[message]}
		}
	}
	ui, ok := body["ui"].(map[string]any)
	if !ok {
		return nil
	}
	out := messages(ui["messages"])
	nodes, _ := ui["nodes"].([]any)
	for _, n := range nodes {
		if node, ok := n.(map[string]any); ok {
			out = append(out, messages(node["messages"])...)
		}
	}
	return out
}

// messages are the numbers of those that tell an error.
func messages(list any) (out []string) {
	all, _ := list.([]any)
	for _, m := range all {
		message, ok := m.(map[string]any)
		if !ok || message["type"] != "error" {
			continue
		}
		if id, ok := message["id"].(json.Number); ok {
			out = append(out, "kratos:"+id.String())
		}
	}
	return out
}

// why is what an error says of itself, unless that tells of the inside.
func why(body map[string]any) string {
	var parts []string
	take := func(from map[string]any, names ...string) {
		for _, name := range names {
			if text, ok := from[name].(string); ok && text != "" && !Tells(text) {
				parts = append(parts, text)
			}
		}
	}
	take(body, "error_description", "error_hint")
	if e, ok := body["error"].(map[string]any); ok {
		take(e, "reason")
	}
	return strings.Join(parts, " ")
}
