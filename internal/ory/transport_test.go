package ory

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

type outerKey struct{}

func call(t *testing.T, ctx context.Context, tr *Transport, method, target, body string) (*http.Response, error) {
	t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, in)
	if err != nil {
		t.Fatal(err)
	}
	return (&http.Client{Transport: tr}).Do(req)
}

// closeBody closes the body of an answer that a test expects not to get.
func closeBody(res *http.Response) {
	if res != nil {
		res.Body.Close()
	}
}

func TestTransport(t *testing.T) {
	t.Run("before there is a handler a call fails and names whom it called", func(t *testing.T) {
		res, err := call(t, t.Context(), &Transport{Name: "hydra admin"}, "GET", "http://x.invalid/", "")
		closeBody(res)
		if !errors.Is(err, ErrNotServing) || !strings.Contains(err.Error(), "hydra admin") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("status, headers and body come back", func(t *testing.T) {
		tr := &Transport{Name: "x"}
		tr.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, _ := io.ReadAll(r.Body)
			w.Header().Set("X-Path", r.URL.Path+"?"+r.URL.RawQuery)
			w.WriteHeader(http.StatusTeapot)
			w.Header().Set("X-Late", "1")
			w.Write([]byte("got " + string(raw) + " from " + r.RemoteAddr))
		}))
		res, err := call(t, t.Context(), tr, "POST", "http://x.invalid/a/b?c=d", "hello")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		if got, want := string(body), "got hello from 127.0.0.1:0"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if res.StatusCode != http.StatusTeapot || res.Header.Get("X-Path") != "/a/b?c=d" {
			t.Errorf("got %d, %v", res.StatusCode, res.Header)
		}
		if res.Header.Get("X-Late") != "" {
			t.Error("a header set after the status was sent came back")
		}
	})
	t.Run("values stay behind, what Carry takes crosses", func(t *testing.T) {
		type carried struct{}
		var outer, inner any
		tr := &Transport{Name: "x", Carry: func(from, to context.Context) context.Context {
			return context.WithValue(to, carried{}, from.Value(outerKey{}))
		}}
		tr.Serve(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			outer, inner = r.Context().Value(outerKey{}), r.Context().Value(carried{})
		}))
		res, err := call(t, context.WithValue(t.Context(), outerKey{}, "transaction"), tr, "GET", "http://x.invalid/", "")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if outer != nil {
			t.Error("a value of the outer context, such as a running transaction, crossed")
		}
		if inner != "transaction" {
			t.Error("Carry was not asked")
		}
	})
	t.Run("the deadline and the cancellation cross", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		tr := &Transport{Name: "x"}
		tr.Serve(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if _, ok := r.Context().Deadline(); !ok {
				t.Error("the deadline did not cross")
			}
			cancel()
			<-r.Context().Done()
		}))
		res, err := call(t, ctx, tr, "GET", "http://x.invalid/", "")
		closeBody(res)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
	})
	t.Run("a panic of the handler is an error of the call", func(t *testing.T) {
		tr := &Transport{Name: "kratos"}
		tr.Serve(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
		res, err := call(t, t.Context(), tr, "GET", "http://x.invalid/", "")
		closeBody(res)
		if err == nil || !strings.Contains(err.Error(), "calling kratos: panic: boom") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("Around holds the call", func(t *testing.T) {
		var order []string
		tr := &Transport{Name: "x", Around: func(_ context.Context, call func()) {
			order = append(order, "before")
			call()
			order = append(order, "after")
		}}
		tr.Serve(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { order = append(order, "call") }))
		res, err := call(t, t.Context(), tr, "GET", "http://x.invalid/", "")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := strings.Join(order, " "); got != "before call after" {
			t.Errorf("got %s", got)
		}
	})
}
