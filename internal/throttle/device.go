package throttle

import (
	"crypto/hmac"
	"crypto/rand"
	"strconv"
	"strings"
	"time"
)

// Devices are browsers that signed in to an account: a cookie with an entry for each of the last few, signed
// for that account alone. It is no proof of anything but that, and lets nobody in: attempts of such a
// browser are counted by themselves, so that strangers cannot keep its owner out.
const (
	// DeviceCookie is its name.
	DeviceCookie = "identityd_device"
	// DeviceLife is how long an entry counts.
	DeviceLife = 180 * 24 * time.Hour

	deviceEntries = 4
	deviceParts   = 3
)

// Device returns the cookie of a browser that signed in to an account, from the one that it had.
func (l *Limiter) Device(had, typed string) string {
	n, now := l.cfg.Names, l.now()
	account := n.Account(typed)
	if account == "" {
		return had
	}
	born := strconv.FormatInt(now/1000, 36)
	nonce := rand.Text()
	entries := []string{strings.Join([]string{nonce, born, n.sign(account, nonce, born)}, ".")}
	for _, e := range strings.Split(had, "~") {
		if len(entries) < deviceEntries && strings.Count(e, ".") == deviceParts-1 && len(e) < 128 && n.deviceOf(e, account, now) == "" {
			entries = append(entries, e)
		}
	}
	return strings.Join(entries, "~")
}

func (n Names) sign(account, nonce, born string) string { return n.mac("device", account, nonce, born) }

// device returns the hash of an account and a browser, empty unless the cookie is of one that signed in to
// the account.
func (n Names) device(cookie, account string, now int64) string {
	if cookie == "" || account == "" {
		return ""
	}
	for i, e := range strings.Split(cookie, "~") {
		if i == deviceEntries {
			break
		}
		if name := n.deviceOf(e, account, now); name != "" {
			return name
		}
	}
	return ""
}

func (n Names) deviceOf(entry, account string, now int64) string {
	parts := strings.Split(entry, ".")
	if len(parts) != deviceParts {
		return ""
	}
	born, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil || now/1000-born > int64(DeviceLife/time.Second) || born > now/1000+60 {
		return ""
	}
	if !hmac.Equal([]byte(parts[2]), []byte(n.sign(account, parts[0], parts[1]))) {
		return ""
	}
	return n.mac("browser", account, parts[0])
}
