package stacktest

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"
	"testing"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/tried"
)

// burst is how many requests bring one code at once.
const burst = 6

// TestCodesAndRefreshTokensAreSingleUse brings each of them in six requests at once
// (docs/ory-quirks.md#q30).
func TestCodesAndRefreshTokensAreSingleUse(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	singleUse(t, d.start(t, withVault(t)))
}

func TestCodesAndRefreshTokensAreSingleUseOnSQLite(t *testing.T) {
	singleUse(t, Start(t, withVault(t)))
}

func singleUse(t *testing.T, s *Stack) {
	t.Helper()
	bursts := 8
	if os.Getenv(LongVariable) != "" {
		bursts = 25
	}
	code := vaultCodes(t, s)
	for name, next := range map[string]func() func() grant{
		"code": func() func() grant {
			one := code()
			return func() grant { return redeemCode(t, s, one) }
		},
		"refresh token": func() func() grant {
			one := redeemCode(t, s, code()).Refresh
			return func() grant { return refresh(t, s, one) }
		},
	} {
		t.Run("one of six parallel requests with a "+name+" wins, and its family ends", func(t *testing.T) {
			wins := map[int]int{}
			for range bursts {
				won := parallel(next())
				wins[len(won)]++
				for _, g := range won {
					awaitDead(t, s, g.Access)
				}
			}
			tried.Report(t, fmt.Sprintf("%d bursts of %d requests, each with one %s", bursts, burst, name), "winners a burst and how often: %v", wins)
			if wins[1] != bursts {
				t.Errorf("got %v, want one winner in each of %d bursts", wins, bursts)
			}
		})
	}
}

// TestUnclaimedGrantsAreRedeemedTwice shows that the test above would notice.
func TestUnclaimedGrantsAreRedeemedTwice(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	s := d.start(t, withVault(t), UnclaimedGrants())
	code := vaultCodes(t, s)
	for n := range 50 {
		one := code()
		if won := len(parallel(func() grant { return redeemCode(t, s, one) })); won > 1 {
			tried.Report(t, "the same with the claims switched off", "%d of %d redeemed one code in burst %d", won, burst, n+1)
			return
		}
	}
	t.Error("no code was redeemed twice in 50 bursts: the test above proves nothing")
}

// vaultCodes signs ada in once, and returns what gets codes for her from then on.
func vaultCodes(t *testing.T, s *Stack) func() string {
	t.Helper()
	ada(t, s)
	b := NewBrowser(t)
	address := s.URLs.Hydra + "/oauth2/auth?" + url.Values{
		"client_id": {"vault"}, "response_type": {"code"}, "scope": {"openid email offline_access"},
		"state": {"state-state"}, "redirect_uri": {vaultCallback},
	}.Encode()
	b.Open(address)
	b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	b.Submit("form", map[string]string{"action": "allow", "remember": "true"})
	return func() string {
		t.Helper()
		b.Open(address)
		code := b.URL.Query().Get("code")
		if code == "" {
			t.Fatalf("got no code at %s", b.URL.Path)
		}
		return code
	}
}

// parallel asks six times at once and returns what was granted. All others have to be refused as RFC
// 6749 section 5.2 says.
func parallel(ask func() grant) []grant {
	var (
		mu      sync.Mutex
		won     []grant
		all     sync.WaitGroup
		release = make(chan struct{})
	)
	for range burst {
		all.Go(func() {
			<-release
			g := ask()
			mu.Lock()
			defer mu.Unlock()
			if g.Status == http.StatusOK || g.Error != "invalid_grant" {
				won = append(won, g)
			}
		})
	}
	close(release)
	all.Wait()
	return won
}
