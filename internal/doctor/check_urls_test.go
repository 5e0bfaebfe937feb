package doctor

import "testing"

func TestURLs(t *testing.T) {
	const three = "urls: {ui: 'https://id.example.com', hydra: 'https://auth.example.com', kratos: 'https://accounts.example.com'}\n"
	for name, tt := range map[string]struct {
		s    func(*testing.T) *Subject
		l    Level
		text string
	}{
		"one origin is well":                     {func(t *testing.T) *Subject { return inProduction(t, good) }, OK, "agree"},
		"three hosts of one domain are well":     {func(t *testing.T) *Subject { return inProduction(t, three) }, OK, "every host below example.com"},
		"an address of this machine":             {func(t *testing.T) *Subject { return inProduction(t, "origin: http://localhost:3000\n") }, Warning, "nobody else can open"},
		"a return address on somebody's machine": {func(t *testing.T) *Subject { return inProduction(t, good+"return_to: ['http://localhost:8080/']\n") }, Warning, "return_to: http://localhost:8080/"},
		"a return address of others is told":     {func(t *testing.T) *Subject { return inProduction(t, good+"return_to: ['https://shop.example.net/']\n") }, OK, "of another domain"},
		"the origin of the same domain is not": {func(t *testing.T) *Subject {
			return inProduction(t, good+"cors: {origins: ['https://app.example.com']}\n")
		}, OK, "agree"},
		"nothing is known before a start": {func(t *testing.T) *Subject { return written(t, "profile: development\n") }, Skipped, "follow from listeners"},
		"what a process says wins": {func(t *testing.T) *Subject {
			return running(written(t, "profile: development\n"), "http://id.example.com")
		}, Fault, "is not encrypted"},
		"hosts without a common domain, as a process has them": {func(t *testing.T) *Subject {
			s := running(written(t, "profile: development\nlisten: {gateway: 'off'}\n"), "https://id.example.com")
			s.Process.URLs["hydra"] = "https://id.example.net"
			return s
		}, Fault, "no registrable parent in common"},
	} {
		t.Run(name, func(t *testing.T) { wants(t, look(t, tt.s(t), urlsAgree()), tt.l, tt.text) })
	}
}

func TestThreeHostsWithoutACommonDomainAreAFaultOfTheFile(t *testing.T) {
	s := inProduction(t, "urls: {ui: 'https://id.example.com', hydra: 'https://auth.example.net', kratos: 'https://accounts.example.org'}\n")
	wants(t, look(t, s, configuration()), Fault, "urls.cookie_domain: must be set because")
	wants(t, look(t, s, urlsAgree()), Skipped, "urls.cookie_domain is wrong")
}
