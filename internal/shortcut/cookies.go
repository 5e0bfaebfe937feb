package shortcut

import (
	"net/http"
	"path"
	"strings"
	"time"
)

// carry changes the cookies of a request as a browser does that was told to set some, on its way from one path
// to another. They are all of one host.
func carry(h http.Header, from, to string, set []string) {
	if len(set) == 0 {
		return
	}
	var pairs []string
	for pair := range strings.SplitSeq(strings.Join(h.Values("Cookie"), ";"), ";") {
		if pair = strings.TrimSpace(pair); pair != "" {
			pairs = append(pairs, pair)
		}
	}
	for _, raw := range set {
		c, err := http.ParseSetCookie(raw)
		if err != nil || !covers(c.Path, from, to) {
			continue
		}
		kept := pairs[:0]
		for _, pair := range pairs {
			if name, _, _ := strings.Cut(pair, "="); name != c.Name {
				kept = append(kept, pair)
			}
		}
		pairs = kept
		if c.MaxAge >= 0 && (c.Expires.IsZero() || c.Expires.After(time.Now()) || c.MaxAge > 0) {
			pair, _, _ := strings.Cut(raw, ";")
			pairs = append(pairs, strings.TrimSpace(pair))
		}
	}
	h.Del("Cookie")
	if len(pairs) > 0 {
		h.Set("Cookie", strings.Join(pairs, "; "))
	}
}

// covers reports whether a cookie that was set at one path is sent to another (RFC 6265 section 5.1.4).
func covers(cookie, from, to string) bool {
	if !strings.HasPrefix(cookie, "/") {
		cookie = path.Dir(from)
	}
	return cookie == "/" || to == cookie || strings.HasPrefix(to, strings.TrimSuffix(cookie, "/")+"/")
}
