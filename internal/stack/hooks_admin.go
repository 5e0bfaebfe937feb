package stack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/hooks"
)

// pathHooks is below Kratos' admin API, behind the same doors (internal/adminguard/scope.go).
const pathHooks = "/admin/identityd/hooks"

// HookInfo is a hook as operators see it.
type HookInfo struct {
	Name     string   `json:"name"`
	On       []string `json:"on"`
	URL      string   `json:"url"`
	Blocking bool     `json:"blocking"`
	Waiting  int      `json:"waiting"`
	Dead     int      `json:"dead"`
}

// HookMessage is a message that waits for a receiver, or was given up. What it says is left out.
type HookMessage struct {
	ID       string    `json:"id"`
	Hook     string    `json:"hook"`
	Event    string    `json:"event"`
	Subject  string    `json:"subject,omitempty"`
	Noted    time.Time `json:"noted"`
	Attempts int       `json:"attempts"`
	// Next is when the next attempt may be made, and GivenUp when it was given up; one of the two is there.
	Next    *time.Time `json:"next,omitempty"`
	GivenUp *time.Time `json:"given_up,omitempty"`
	Reason  string     `json:"reason,omitempty"`
}

// HookList is what the list answers.
type HookList struct {
	Hooks    []HookInfo    `json:"hooks"`
	Messages []HookMessage `json:"messages"`
	// More says that there are more messages than are listed.
	More bool `json:"more,omitempty"`
}

// HookChange is what retry and drop ask for.
type HookChange struct {
	ID   string `json:"id,omitempty"`
	Hook string `json:"hook,omitempty"`
	// All chooses everything that was given up.
	All bool `json:"all,omitempty"`
}

// HookTest is what a test asks for.
type HookTest struct {
	Hook  string `json:"hook"`
	Event string `json:"event,omitempty"`
}

// HookTried is what became of a test.
type HookTried = hooks.Tried

// mostMessages bounds a list.
const mostMessages = 200

// hookDoor answers below pathHooks, and leaves everything else to next.
func (s *Stack) hookDoor(h *hooks.Hooks, next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathHooks, func(w http.ResponseWriter, r *http.Request) { listHooks(h, w, r) })
	mux.HandleFunc("POST "+pathHooks+"/test", func(w http.ResponseWriter, r *http.Request) { testHook(h, w, r) })
	mux.HandleFunc("POST "+pathHooks+"/retry", func(w http.ResponseWriter, r *http.Request) {
		changeHooks(w, r, func(ctx context.Context, q hooks.Query) (int, error) { return h.Again(ctx, q) })
	})
	mux.HandleFunc("POST "+pathHooks+"/drop", func(w http.ResponseWriter, r *http.Request) { changeHooks(w, r, h.Drop) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != pathHooks && !strings.HasPrefix(r.URL.Path, pathHooks+"/") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

func listHooks(h *hooks.Hooks, w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	counts, err := h.Counts(r.Context())
	var list []hooks.Waiting
	if err == nil {
		list, err = h.List(r.Context(), hooks.Query{Hook: query.Get("hook"), Dead: query.Get("dead") == "true", Limit: mostMessages + 1})
	}
	if err != nil {
		control.Refuse(w, http.StatusServiceUnavailable, "The database cannot be had.")
		return
	}
	out := HookList{Hooks: hookInfos(h.All(), counts), Messages: []HookMessage{}, More: len(list) > mostMessages}
	for _, m := range list[:min(len(list), mostMessages)] {
		out.Messages = append(out.Messages, hookMessage(m))
	}
	control.JSON(w, out)
}

// hookInfos counts by hook. One that is in the configuration no longer is listed while there are messages for it.
func hookInfos(list []hooks.Hook, counts []hooks.Count) []HookInfo {
	out := []HookInfo{}
	for _, one := range list {
		info := HookInfo{Name: one.Name, URL: one.URL, Blocking: one.Blocking}
		for _, e := range one.On {
			info.On = append(info.On, string(e))
			info.Blocking = info.Blocking || e.Decides()
		}
		out = append(out, info)
	}
	for _, c := range counts {
		i := slices.IndexFunc(out, func(one HookInfo) bool { return one.Name == c.Hook })
		if i < 0 {
			i = len(out)
			out = append(out, HookInfo{Name: c.Hook, On: []string{}})
		}
		out[i].Waiting, out[i].Dead = c.Waiting, c.Dead
	}
	return out
}

func hookMessage(m hooks.Waiting) HookMessage {
	out := HookMessage{
		ID: m.ID, Hook: m.Hook, Event: string(m.Event), Subject: m.Subject, Noted: m.Noted.UTC(), Attempts: m.Attempts, Reason: m.Reason,
	}
	at := m.Due.UTC()
	out.Next = &at
	if !m.Ended.IsZero() {
		at = m.Ended.UTC()
		out.Next, out.GivenUp = nil, &at
	}
	return out
}

func changeHooks(w http.ResponseWriter, r *http.Request, do func(context.Context, hooks.Query) (int, error)) {
	var asked HookChange
	if !readHookBody(w, r, &asked) {
		return
	}
	if (asked.ID == "") == (asked.Hook == "" && !asked.All) {
		control.Refuse(w, http.StatusBadRequest, "Name one message by its id, or all that were given up: of one hook, or of all of them.")
		return
	}
	n, err := do(r.Context(), hooks.Query{ID: asked.ID, Hook: asked.Hook, Dead: asked.ID == ""})
	switch {
	case err != nil:
		control.Refuse(w, http.StatusServiceUnavailable, "The database cannot be had.")
	case n == 0 && asked.ID != "":
		control.Refuse(w, http.StatusNotFound, "There is no message "+asked.ID+"; identityd hooks list shows those that wait, and those that were given up.")
	default:
		control.JSON(w, map[string]int{"changed": n})
	}
}

func testHook(h *hooks.Hooks, w http.ResponseWriter, r *http.Request) {
	var asked HookTest
	if !readHookBody(w, r, &asked) {
		return
	}
	if e := hooks.Event(asked.Event); e != "" && !slices.Contains(hooks.Events(), e) {
		control.Refuse(w, http.StatusBadRequest, asked.Event+" is no event.")
		return
	}
	tried, err := h.Test(r.Context(), asked.Hook, hooks.Event(asked.Event))
	if errors.Is(err, hooks.ErrNoHook) {
		control.Refuse(w, http.StatusNotFound, "There is no hook "+asked.Hook+" in stack.yaml; identityd hooks list shows those that there are.")
		return
	}
	if err != nil {
		control.Refuse(w, http.StatusInternalServerError, "The test could not be made.")
		return
	}
	control.JSON(w, tried)
}

func readHookBody(w http.ResponseWriter, r *http.Request, to any) bool {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		control.Refuse(w, http.StatusBadRequest, "The body cannot be read: "+err.Error())
		return false
	}
	return true
}
