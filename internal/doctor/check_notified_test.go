package doctor

import (
	"net/http"
	"testing"

	"example.com/identityd/internal/config"
)

func TestNotified(t *testing.T) {
	asked := false
	address := serving(t, func(http.ResponseWriter, *http.Request) { asked = true })
	for name, tt := range map[string]struct {
		uri     string
		private config.OutboundPrivate
		l       Level
		text    string
	}{
		"one that is reached":            {address + "/logout", config.PrivateAllow, OK, "can be reached"},
		"one that outbound refuses":      {address + "/logout", config.PrivateDeny, Fault, "clients[0].backchannel_logout_uri: client shop: outbound does not let us call 127.0.0.1"},
		"one that is away":               {"http://" + closedPort(t) + "/logout", config.PrivateAllow, Warning, "nothing listens there"},
		"one that wants to know nothing": {"", config.PrivateDeny, OK, "can be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			s := inProduction(t, good)
			kept(t, s, "ours", map[string]string{"other": "[]"})
			s.Config.Clients = []config.Client{{ID: "shop", BackchannelLogoutURI: tt.uri}}
			s.Config.Outbound.Private = tt.private
			c := notified()
			c.Needs = NeedsNetwork
			wants(t, look(t, s, c), tt.l, tt.text)
		})
	}
	if asked {
		t.Error("got a request, want a connection and no more")
	}
}
