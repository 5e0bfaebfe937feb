package hydra

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

func TestRegistrationsOfClientsAreBounded(t *testing.T) {
	now := time.Unix(0, 0)
	const registrationsOfOne = 30
	c := &registrations{now: func() time.Time { return now }, ofOne: registrationsOfOne}
	status := http.StatusCreated
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	send := func(who string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		c.serve(w, httptest.NewRequest(http.MethodPost, "/oauth2/register", nil), who, next)
		return w
	}
	made := func(who string, tries int) (n int) {
		for range tries {
			if send(who).Code == http.StatusCreated {
				n++
			}
		}
		return n
	}
	status = http.StatusBadRequest
	for range 2 * registrationsOfAll {
		if got := send("a").Code; got != http.StatusBadRequest {
			t.Fatalf("got %d for one that is not stored, want it to count for nothing", got)
		}
	}
	status = http.StatusCreated
	if got := made("a", 40); got != registrationsOfOne {
		t.Errorf("one network: got %d, want %d", got, registrationsOfOne)
	}
	now = now.Add(20 * time.Second)
	w := send("a")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "3580" {
		t.Errorf("got %d and Retry-After %q, want 429 and 3580", w.Code, w.Header().Get("Retry-After"))
	}
	others := 0
	for i := range 40 {
		others += made(strconv.Itoa(i), 1)
	}
	if others != registrationsOfAll-registrationsOfOne {
		t.Errorf("others: got %d, want the rest of %d", others, registrationsOfAll)
	}
	if w := send("another"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "40" {
		t.Errorf("got %d and Retry-After %q, want 429 and 40", w.Code, w.Header().Get("Retry-After"))
	}
	now = now.Add(time.Minute)
	if got := made("another", 1); got != 1 {
		t.Error("others after a minute: got none")
	}
	if got := made("a", 1); got != 0 {
		t.Error("one network after a minute: got one, want to wait for an hour")
	}
	now = now.Add(time.Hour)
	if got := made("a", 1); got != 1 {
		t.Error("one network after an hour: got none")
	}
}
