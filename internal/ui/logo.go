package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/internal/identity"
)

// badge stands for an application: its logo where there is one to show, else a letter.
type badge struct{ Logo, Initial string }

// addLogos makes the logos of applications assets of ours: the browser tells nobody else who is here.
func (a *assets) addLogos(logos map[string]Image) map[string]string {
	paths := map[string]string{}
	for client, image := range logos {
		sum := sha256.Sum256(image.Data)
		_, ext, _ := strings.Cut(image.Type, "/")
		ext, _, _ = strings.Cut(ext, "+")
		name := "client." + hex.EncodeToString(sum[:8]) + "." + ext
		a.byHash[name] = newAsset(image.Data, image.Type)
		paths[client] = "/assets/" + name
	}
	return paths
}

// badge returns what stands for an application. It goes after setCSP: the logo of another server needs its
// origin in the policy, and no other.
func (u *UI) badge(w http.ResponseWriter, client identity.Client) badge {
	b := badge{Initial: initial(clientName(client)), Logo: u.logos[client.ID]}
	if b.Logo != "" || !u.cfg.ForeignLogos || client.Unverified() {
		return b
	}
	link := secureLink(client.LogoURI)
	if to, err := url.Parse(link); err == nil && link != "" && plainHost(to.Host) {
		h := w.Header()
		h.Set("Content-Security-Policy", strings.Replace(
			h.Get("Content-Security-Policy"), "img-src 'self' data:", "img-src 'self' data: "+origin(to), 1))
		b.Logo = link
	}
	return b
}

// plainHost says whether a host can stand in a policy, whose words end at a semicolon or a comma.
func plainHost(host string) bool {
	return host != "" && !strings.ContainsFunc(host, func(c rune) bool { return !isWord(c) && !strings.ContainsRune(".-:", c) })
}
