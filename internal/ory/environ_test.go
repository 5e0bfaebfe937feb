package ory

import (
	"net/http"
	"os"
	"testing"
)

func TestDropEnvironment(t *testing.T) {
	const name = "DEV_DISABLE_API_FLOW_ENFORCEMENT"
	t.Setenv(name, "true")
	if err := DropEnvironment(); err != nil {
		t.Fatal(err)
	}
	if _, set := os.LookupEnv(name); set {
		t.Error("the variable is still there")
	}
}

func TestDropProxies(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
	t.Setenv("no_proxy", "localhost")
	found, err := DropProxies()
	if err != nil || len(found) != 2 {
		t.Errorf("got %v, error %v; want both variables", found, err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://idp.example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	if at, err := http.ProxyFromEnvironment(req); at != nil || err != nil {
		t.Errorf("got the proxy %v, error %v; want none", at, err)
	}
}
