package sdk

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

const password = "correct horse battery 7 staple"

// address returns where a part of the running identityd is, or skips.
func address(t *testing.T, part string) string {
	t.Helper()
	name := "IDENTITYD_SDK_" + part
	base := strings.TrimSuffix(os.Getenv(name), "/")
	if base == "" {
		t.Skipf("SKIP: %s is not set; TestSDKs of internal/stacktest starts identityd and sets it", name)
	}
	return base
}

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func mail() string { return "sdk-" + strings.ToLower(rand.Text()[:10]) + "@example.com" }

// answered fails with what the server said, which the SDKs leave in the response.
func answered(t *testing.T, what string, res *http.Response, err error, status int) {
	t.Helper()
	got, body := 0, ""
	if res != nil {
		defer res.Body.Close()
		got = res.StatusCode
		raw, readErr := io.ReadAll(res.Body)
		if readErr == nil {
			body = string(raw)
		}
	}
	// The SDKs make an error of every answer from 300 on.
	if got != status || status < 300 && err != nil {
		t.Fatalf("%s answered %d, want %d: %v\n%.600s", what, got, status, err, body)
	}
}

func want[T comparable](t *testing.T, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Errorf("%s is %v, want %v", what, got, wanted)
	}
}
