package scripttest

import (
	"regexp"
	"strings"
)

// bannerURLs reads what a person reads.
func bannerURLs(banner string) map[string]string {
	names := map[string]string{
		"open": "UI", "issuer": "HYDRA", "kratos": "KRATOS",
		"hydra admin": "HYDRA_ADMIN", "kratos admin": "KRATOS_ADMIN", "ops": "OPS",
	}
	out := map[string]string{}
	for _, m := range bannerLine.FindAllStringSubmatch(banner, -1) {
		out[names[m[1]]] = m[2]
	}
	return out
}

var bannerLine = regexp.MustCompile(`(?m)^  (open|issuer|kratos|hydra admin|kratos admin|ops) +(https?://\S+) `)

// listeningURLs is for processes that print no banner.
func listeningURLs(p *Process) map[string]string {
	names := map[string]string{
		"gateway": "UI", "ui": "UI", "hydra_public": "HYDRA", "kratos_public": "KRATOS",
		"hydra_admin": "HYDRA_ADMIN", "kratos_admin": "KRATOS_ADMIN", "ops": "OPS",
	}
	out := map[string]string{}
	for name, addresses := range p.Addresses() {
		_, port, ok := strings.Cut(addresses[0], ":")
		if ok {
			out[names[name]] = "http://localhost:" + port
		}
	}
	return out
}
