package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// allScopes is what the application's client may ask for, and asks for most of the time.
const allScopes = "openid offline_access email profile"

// journey is one person with two browsers and one application, and what they hold so far.
type journey struct {
	number        int
	at            addresses
	given         bool
	app           *application
	first, second *browser
	email         string
	password      string
	redactor      *redactor

	endpoints metadata
	try       attempt
	page      *page
	code      string
	tokens    *oauth2.Token
	used      *oauth2.Token
	claims    idClaims
}

// step is one assertion of the journey, or a few that belong together.
type step struct {
	name string
	// skipped says why the step has nothing to do here; it is reported, never left out.
	skipped string
	run     func(context.Context) (detail string, err error)
}

// travel runs all journeys at once and gathers what they report, in order.
func travel(ctx context.Context, opts options) report {
	at := opts.addresses
	d, err := newDialer(at.UI, at.Hydra, at.HydraAdmin, at.Kratos)
	if err == nil && len(opts.roots) > 0 {
		err = d.trust(opts.roots)
	}
	if err != nil {
		return report{Steps: []stepResult{{Name: "addresses", Detail: err.Error()}}}
	}
	d.connect = opts.connect
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		steps []stepResult
	)
	for number := range opts.parallel {
		wg.Go(func() {
			done := runJourney(ctx, opts, d, number+1)
			mu.Lock()
			defer mu.Unlock()
			steps = append(steps, done...)
		})
	}
	wg.Wait()
	slices.SortStableFunc(steps, func(a, b stepResult) int { return cmp.Compare(a.Journey, b.Journey) })
	return report{Steps: steps, Dialed: d.dialed()}
}

// runJourney takes the steps in order up to the first that fails: the later ones need its result.
func runJourney(ctx context.Context, opts options, d *dialer, number int) []stepResult {
	j, closeAll, err := newJourney(opts, d, number)
	if err != nil {
		return []stepResult{{Journey: number, Name: "preparation", Detail: err.Error()}}
	}
	defer closeAll()
	var results []stepResult
	for _, s := range j.steps() {
		result := stepResult{Journey: number, Name: s.name, OK: true, Detail: s.skipped}
		result.Skipped = s.skipped != ""
		if !result.Skipped {
			began := time.Now()
			detail, err := s.run(ctx)
			result.DurationMS = time.Since(began).Milliseconds()
			result.OK = err == nil
			if err != nil {
				detail = err.Error()
			}
			result.Detail = j.redactor.clean(detail)
		}
		results = append(results, result)
		if !result.OK {
			break
		}
	}
	return results
}

func newJourney(opts options, d *dialer, number int) (*journey, func(), error) {
	hide := &redactor{}
	// Each has connections of its own, as three programs would.
	backend, one, two := d.transport(), d.transport(), d.transport()
	app := newApplication(newClient(backend), opts.addresses, opts.client, number, hide)
	halts := []string{app.config.RedirectURL, app.postLogout}
	first, err := newBrowser(one, halts...)
	if err != nil {
		return nil, nil, err
	}
	second, err := newBrowser(two, halts...)
	if err != nil {
		return nil, nil, err
	}
	j := &journey{
		number: number, at: opts.addresses, given: opts.client != nil, app: app,
		first: first, second: second, redactor: hide,
		email:    fmt.Sprintf("traveler-%d-%s@example.com", number, strings.ToLower(rand.Text()[:8])),
		password: rand.Text(),
	}
	hide.learn(j.password)
	return j, func() {
		backend.CloseIdleConnections()
		one.CloseIdleConnections()
		two.CloseIdleConnections()
	}, nil
}

func (j *journey) steps() []step {
	client := step{name: "client registration", run: j.register}
	introspection := step{name: "introspection", run: j.introspection}
	if j.given {
		client = step{name: "client registration (admin off)", skipped: "a registered client was given"}
		introspection = step{name: "introspection (admin off)", skipped: "it is an admin endpoint"}
	}
	return []step{
		{name: "discovery", run: j.discovery},
		client,
		{name: "authorization request", run: j.authorization},
		{name: "sign-up from the login page", run: j.signUp},
		{name: "consent", run: j.allow},
		{name: "wrong verifier refused", run: j.wrongVerifier},
		{name: "sign-in in a second browser", run: j.signIn},
		{name: "code exchange", run: j.exchange},
		{name: "userinfo", run: j.userinfo},
		introspection,
		{name: "used code refused and its tokens dead", run: j.usedCode},
		{name: "single sign-on", run: j.singleSignOn},
		{name: "refresh", run: j.refresh},
		{name: "used refresh token refused and its family dead", run: j.usedRefreshToken},
		{name: "revocation", run: j.revocation},
		{name: "logout back to the application", run: j.logout},
		{name: "kratos session gone", run: j.sessionGone},
		{name: "prompt=none answers login_required", run: j.loginRequired},
		{name: "denial", run: j.deny},
		{name: "unticked scope not granted", run: j.unticked},
		{name: "prompt=login asks for the password", run: j.reauthenticate},
	}
}
