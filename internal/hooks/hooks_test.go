package hooks_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/hooks"
)

const (
	secret = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
	newer  = "a secret that is written as it is, 42 bytes"
)

func TestTelling(t *testing.T) {
	on := []hooks.Event{hooks.LoginAfter}
	t.Run("a receiver that is away is told when it is back, with the same id each time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, rows := &receiver{answer: status(503)}, &hooks.Memory{}
			h := start(t, r, rows, hooks.Hook{Name: "crm", On: on})
			happens(t, h, hooks.LoginAfter, "ada")
			time.Sleep(time.Hour)
			r.become(nil)
			time.Sleep(2 * time.Hour)
			got := h.Stats()
			if got.Sent != 1 || got.Failed < 5 || got.Waiting != 0 {
				t.Errorf("got %+v, want some failures and one success", got)
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, body := range r.heard {
				if body["id"] != r.heard[0]["id"] || body["traits"] != nil {
					t.Errorf("got %v, want the id of the first attempt, and no traits", body)
				}
			}
			if slices.Contains(r.signed, false) {
				t.Error("a signature is wrong")
			}
		})
	})
	t.Run("what is given up stays, and is sent again when somebody says so", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, rows := &receiver{answer: status(500)}, &hooks.Memory{}
			h := start(t, r, rows, hooks.Hook{Name: "crm", On: on})
			happens(t, h, hooks.LoginAfter, "ada")
			time.Sleep(12 * time.Hour)
			if len(dead(t, rows)) != 0 {
				t.Fatal("given up after 12 hours")
			}
			time.Sleep(40 * time.Hour)
			list := dead(t, rows)
			if len(list) != 1 || list[0].Attempts != hooks.Attempts || list[0].Reason != "answered with status 500, want 200 or 204" {
				t.Fatalf("got %+v, want one message with its reason", list)
			}
			r.become(nil)
			if n, err := h.Again(t.Context(), hooks.Query{Dead: true}); n != 1 || err != nil {
				t.Fatalf("got %d, %v", n, err)
			}
			time.Sleep(10 * time.Second)
			if got := h.Stats(); got.Sent != 1 || got.Dead != 0 {
				t.Errorf("got %+v", got)
			}
		})
	})
	t.Run("a receiver that is gone for good is given up at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			rows := &hooks.Memory{}
			h := start(t, &receiver{answer: status(410)}, rows, hooks.Hook{Name: "crm", On: on})
			happens(t, h, hooks.LoginAfter, "ada")
			time.Sleep(time.Second)
			if list := dead(t, rows); len(list) != 1 || list[0].Attempts != 1 {
				t.Errorf("got %+v", list)
			}
		})
	})
	t.Run("one that hangs keeps nobody else waiting", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{answer: func(req *http.Request, _ map[string]any) (int, string) {
				if req.URL.Path == "/slow" {
					return 0, ""
				}
				return 204, ""
			}}
			h := start(t, r, &hooks.Memory{}, hooks.Hook{Name: "slow", On: on}, hooks.Hook{Name: "crm", On: on})
			for _, who := range []string{"ada", "bob", "eve"} {
				happens(t, h, hooks.LoginAfter, who)
			}
			time.Sleep(time.Second)
			if got := h.Stats().Sent; got != 3 {
				t.Errorf("got %d told, want 3", got)
			}
		})
	})
	t.Run("a hook that is in no configuration any longer keeps its messages", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, rows := &receiver{answer: status(503)}, &hooks.Memory{}
			h := start(t, r, rows, hooks.Hook{Name: "crm", On: on})
			happens(t, h, hooks.LoginAfter, "ada")
			time.Sleep(time.Second)
			all := h.All()
			all[0].Name = "other"
			h.Become(all)
			time.Sleep(time.Minute)
			list, err := h.List(t.Context(), hooks.Query{})
			if err != nil || len(list) != 1 || list[0].Reason != "stack.yaml has no hook of this name" {
				t.Fatalf("got %+v, %v", list, err)
			}
			all[0].Name = "crm"
			h.Become(all)
			r.become(nil)
			time.Sleep(time.Hour)
			if got := h.Stats().Sent; got != 1 {
				t.Errorf("got %d told, want 1", got)
			}
		})
	})
	t.Run("a request waits for the first attempt where the hook says so, and no longer than that", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{answer: status(0)}
			h := start(t, r, &hooks.Memory{}, hooks.Hook{Name: "crm", On: on, Blocking: true})
			began := time.Now()
			happens(t, h, hooks.LoginAfter, "ada")
			if took := time.Since(began); took != 2*time.Second {
				t.Errorf("waited %s, want the timeout of 2s", took)
			}
			r.become(nil)
			happens(t, h, hooks.LoginAfter, "bob")
			if got := h.Stats().Sent; got != 1 {
				t.Errorf("got %d told before the request went on, want 1", got)
			}
			time.Sleep(time.Minute)
			if got := h.Stats(); got.Sent != 2 || got.Failed != 1 {
				t.Errorf("got %+v, want both told", got)
			}
		})
	})
	t.Run("what another process wrote down and left is told", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, rows := &receiver{}, &hooks.Memory{}
			h := start(t, r, rows, hooks.Hook{Name: "crm", On: on})
			if _, err := h.Expect(t.Context(), hooks.LoginAfter, hooks.Occasion{Subject: "ada"}); err != nil {
				t.Fatal(err)
			}
			forgotten, err := h.Expect(t.Context(), hooks.LoginAfter, hooks.Occasion{Subject: "bob"})
			if err != nil {
				t.Fatal(err)
			}
			h.Forget(t.Context(), forgotten)
			time.Sleep(30 * time.Second)
			if got, _ := r.got(); len(got) != 0 {
				t.Fatalf("got %v before anybody can know", got)
			}
			time.Sleep(time.Minute)
			if got, _ := r.got(); !cmp.Equal(got, []string{"login.after ada"}) {
				t.Errorf("got %v", got)
			}
		})
	})
}

func TestAsking(t *testing.T) {
	long := strings.Repeat("é", 400)
	for name, tt := range map[string]struct {
		status int
		answer string
		allow  bool
		want   hooks.Verdict
	}{
		"204 allows":                           {204, "", false, hooks.Verdict{}},
		"200 may add claims":                   {200, `{"claims":{"plan":"gold"}}`, false, hooks.Verdict{Claims: map[string]any{"plan": "gold"}}},
		"200 with a page of HTML allows":       {200, "<html>", false, hooks.Verdict{}},
		"403 refuses":                          {403, "", false, hooks.Verdict{Hook: "crm"}},
		"403 with a text":                      {403, `{"message":"Not here."}`, false, hooks.Verdict{Hook: "crm", Messages: []hooks.Message{{Text: "Not here."}}}},
		"403 with a message for a field":       {403, `{"messages":[{"text":"Used up.","field":"traits.email"}]}`, false, hooks.Verdict{Hook: "crm", Messages: []hooks.Message{{"Used up.", "traits.email"}}}},
		"a field that is no trait is none":     {403, `{"message":{"text":"No.","field":"../x"}}`, false, hooks.Verdict{Hook: "crm", Messages: []hooks.Message{{Text: "No."}}}},
		"what is said is one line without art": {403, "{\"message\":\"a\\u202eb\\nc\\u0007\\u200bd\"}", false, hooks.Verdict{Hook: "crm", Messages: []hooks.Message{{Text: "ab cd"}}}},
		"and short":                            {403, `{"message":"` + long + `"}`, false, hooks.Verdict{Hook: "crm", Messages: []hooks.Message{{Text: strings.Repeat("é", 299) + "…"}}}},
		"an error refuses":                     {500, "", false, hooks.Verdict{Hook: "crm", Failed: true}},
		"a redirect refuses":                   {302, "", false, hooks.Verdict{Hook: "crm", Failed: true}},
		"and is not followed":                  {307, "", false, hooks.Verdict{Hook: "crm", Failed: true}},
		"and not too much":                     {403, `{"messages":[` + strings.Repeat(`{"text":"No."},`, 6) + `{"text":"No."}]}`, false, hooks.Verdict{Hook: "crm", Messages: slices.Repeat([]hooks.Message{{Text: "No."}}, 5)}},
		"401 is no answer":                     {401, "", false, hooks.Verdict{Hook: "crm", Failed: true}},
		"no answer refuses":                    {0, "", false, hooks.Verdict{Hook: "crm", Failed: true}},
		"a flood refuses":                      {200, strings.Repeat("x", 65<<10), false, hooks.Verdict{Hook: "crm", Failed: true}},
		"broken JSON refuses":                  {200, "{", false, hooks.Verdict{Hook: "crm", Failed: true}},
		"an error lets pass where that is so":  {500, "", true, hooks.Verdict{}},
		"a refusal is one all the same":        {403, "", true, hooks.Verdict{Hook: "crm"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{answer: func(req *http.Request, _ map[string]any) (int, string) {
					if req.URL.Host != "receiver.example" {
						return 204, "" // where a redirect leads
					}
					return tt.status, tt.answer
				}}
				h := start(t, r, &hooks.Memory{}, hooks.Hook{Name: "crm", On: []hooks.Event{hooks.LoginBefore}, Allow: tt.allow})
				got := h.Ask(t.Context(), hooks.LoginBefore, hooks.Occasion{Subject: "ada"})
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("verdict (-want +got):\n%s", diff)
				}
				if _, signed := r.got(); !signed {
					t.Error("the signature is wrong")
				}
			})
		})
	}
	t.Run("only so many wait for one receiver", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := start(t, &receiver{answer: status(0)}, &hooks.Memory{}, hooks.Hook{Name: "crm", On: []hooks.Event{hooks.LoginBefore}})
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() { h.Ask(t.Context(), hooks.LoginBefore, hooks.Occasion{}) })
			}
			synctest.Wait()
			began := time.Now()
			if v := h.Ask(t.Context(), hooks.LoginBefore, hooks.Occasion{}); !v.Failed || time.Since(began) != 0 {
				t.Errorf("got %+v after %s, want a failure at once", v, time.Since(began))
			}
			all.Wait()
		})
	})
	t.Run("the first who refuses is the last who is asked", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{answer: status(403)}
			on := []hooks.Event{hooks.LoginBefore}
			h := start(t, r, &hooks.Memory{}, hooks.Hook{Name: "a", On: on}, hooks.Hook{Name: "b", On: on})
			if v := h.Ask(t.Context(), hooks.LoginBefore, hooks.Occasion{Subject: "ada"}); v.Hook != "a" {
				t.Errorf("got %+v", v)
			}
			if got, _ := r.got(); len(got) != 1 {
				t.Errorf("got %v, want one question", got)
			}
		})
	})
}

func TestSecrets(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		n    int
		want error
	}{
		"several lines":         {secret + "\r\n\n# old\n" + newer, 2, nil},
		"base64 without ends":   {"whsec_" + strings.TrimRight(base64.StdEncoding.EncodeToString(make([]byte, 32)), "="), 1, nil},
		"none":                  {"# nothing\n", 0, hooks.ErrNoSecret},
		"one of 31 bytes":       {strings.Repeat("x", 31), 0, hooks.ErrShortSecret},
		"one of 24 in base64":   {"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 24)), 0, hooks.ErrShortSecret},
		"one that is no base64": {"whsec_*", 0, hooks.ErrNoBase64},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := hooks.ParseSecrets(tt.text)
			if err != tt.want || len(keys) != tt.n { //nolint:errorlint // they are not wrapped
				t.Errorf("got %d, %v, want %d, %v", len(keys), err, tt.n, tt.want)
			}
		})
	}
}

func TestATestSaysWhatToDo(t *testing.T) {
	for name, tt := range map[string]struct {
		event  hooks.Event
		status int
		want   hooks.Tried
	}{
		"204 is good":              {hooks.LoginAfter, 204, hooks.Tried{Status: 204, OK: true}},
		"a refusal is an answer":   {hooks.LoginBefore, 403, hooks.Tried{Status: 403, OK: true, Refused: true}},
		"a refusal to be told":     {hooks.LoginAfter, 403, hooks.Tried{Status: 403, Problem: "it answered with status 403, want 200 or 204", Cure: "it may not find the signature right: give it the secret of secret_file, and have it sign the bytes of the body as they came"}},
		"no answer":                {hooks.LoginAfter, 0, hooks.Tried{Took: 2000, Problem: "it did not answer in time", Cure: "have it answer first and work afterwards, or raise timeout"}},
		"a page that is not there": {hooks.LoginBefore, 404, hooks.Tried{Status: 404, Problem: "it answered with status 404, want 200 or 204", Cure: "see that url is the address that takes POST"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{answer: status(tt.status)}
				h := start(t, r, &hooks.Memory{}, hooks.Hook{Name: "crm", On: []hooks.Event{hooks.LoginAfter, hooks.LoginBefore}})
				got, err := h.Test(t.Context(), "crm", tt.event)
				if err != nil {
					t.Fatal(err)
				}
				tt.want.Hook, tt.want.Event, tt.want.ID = "crm", tt.event, got.ID
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if r.heard[0]["test"] != true {
					t.Errorf("got %v, want it marked as a test", r.heard[0])
				}
			})
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func readAndRestore(r *http.Request) (string, error) {
	raw, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(raw)))
	return string(raw), err
}
