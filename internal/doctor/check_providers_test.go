package doctor

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/identityd/internal/config"
)

func TestTheCallbackOfEachProviderIsSaid(t *testing.T) {
	s := written(t, "profile: development\norigin: https://id.example.com\n"+
		"login: {providers: [{id: google, client_id: a, client_secret: hunter2}, {id: github, client_id: a, client_secret: hunter2}]}\n")
	for i, want := range []string{
		"register at Google as a redirect address (google): https://id.example.com/self-service/methods/oidc/callback/google",
		"register at GitHub as a redirect address (github): https://id.example.com/self-service/methods/oidc/callback/github",
	} {
		if got := callbacks().Run(t.Context(), s)[i]; got.Text != want || !got.Shown || got.Level != OK {
			t.Errorf("got %+v, want %q", got, want)
		}
	}
	s.Config.Origin, s.Config.URLs.Kratos = "", "http://localhost:0"
	wants(t, look(t, s, callbacks()), Skipped, "is known once a port is")
}

func TestProviders(t *testing.T) {
	other := func(string) string { return "https://other.example.com" }
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		change  func(*Subject)
		l       Level
		text    string
	}{
		"one that answers as itself":    {issuing(itself, ""), nil, OK, "answer as themselves"},
		"one that answers as another":   {issuing(other, ""), nil, Fault, "calls itself https://other.example.com"},
		"one that is no issuer":         {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }, nil, Fault, "is no issuer"},
		"one that finds nothing":        {http.NotFound, nil, Fault, "it answers 404"},
		"one in a network of one's own": {issuing(itself, ""), func(s *Subject) { s.Config.Outbound.Private = config.PrivateDeny }, Fault, "outbound does not let us call"},
		"such a one that is allowed": {issuing(itself, ""), func(s *Subject) {
			s.Config.Outbound.Private, s.Config.Outbound.Allow = config.PrivateDeny, []string{"127.0.0.1"}
		}, OK, "answer as themselves"},
		"one without a secret": {issuing(itself, ""), func(s *Subject) { s.Config.Login.Providers[0].ClientSecret = config.Secret{} }, Fault, "idp has no secret"},
	} {
		t.Run(name, func(t *testing.T) {
			s := written(t, "profile: development\n")
			s.Config.Login.Providers = []config.Provider{{ID: "idp", Preset: config.PresetOIDC, Issuer: serving(t, tt.handler), ClientSecret: config.NewSecret("x")}}
			if tt.change != nil {
				tt.change(s)
			}
			wants(t, look(t, s, providersAnswer()), tt.l, tt.text)
		})
	}
	t.Run("one that is away", func(t *testing.T) {
		s := written(t, "profile: development\n")
		s.Config.Login.Providers = []config.Provider{{ID: "idp", Preset: config.PresetOIDC, Issuer: "http://" + closedPort(t), ClientSecret: config.NewSecret("x")}}
		wants(t, look(t, s, providersAnswer()), Fault, "does not answer")
	})
}

func TestIssuersOfPresets(t *testing.T) {
	for preset, want := range map[string]string{
		config.PresetGoogle: "https://accounts.google.com", config.PresetMicrosoft: "https://login.microsoftonline.com/common/v2.0",
		config.PresetApple: "https://appleid.apple.com", config.PresetGitLab: "https://gitlab.com", config.PresetGitHub: "",
	} {
		if got := issuerOf(config.Provider{Preset: preset}); got != want {
			t.Errorf("%s: got %q, want %q", preset, got, want)
		}
	}
}

func TestBreachService(t *testing.T) {
	s := inProduction(t, good)
	s.Config.Login.First.Password.BreachCheck, s.Config.Login.First.Password.BreachHost = config.BreachOnline, strings.TrimPrefix(serving(t, http.NotFound), "http://")
	wants(t, look(t, s, breachService()), Warning, "outbound does not let us call")
	s.Config.Outbound.Private = config.PrivateAllow
	wants(t, look(t, s, breachService()), Warning, "does not answer")
	s.Config.Login.First.Password.BreachCheck = config.BreachOffline
	wants(t, look(t, s, breachService()), OK, "nobody is asked")
}
