package hooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of https://www.standardwebhooks.com, for which receivers find libraries.
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
)

// secretPrefix is in front of a secret that is written in base64, as those libraries want it.
const secretPrefix = "whsec_"

// LeastSecret is how many bytes a secret has at the least: as many as the digest.
const LeastSecret = sha256.Size

// Errors of ParseSecrets.
var (
	ErrNoSecret    = errors.New("there is no secret")
	ErrShortSecret = errors.New("a secret is too short")
	ErrNoBase64    = errors.New("what follows " + secretPrefix + " is not base64")
)

// ParseSecrets reads a file of secrets, one a line. The receiver takes a signature by any of them, so that one
// can take the place of another without a call being lost.
func ParseSecrets(text string) ([][]byte, error) {
	var out [][]byte
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key := []byte(line)
		if coded, ok := strings.CutPrefix(line, secretPrefix); ok {
			var err error
			if key, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(coded, "=")); err != nil {
				return nil, ErrNoBase64
			}
		}
		if len(key) < LeastSecret {
			return nil, ErrShortSecret
		}
		out = append(out, key)
	}
	if len(out) == 0 {
		return nil, ErrNoSecret
	}
	return out, nil
}

// sign sets the headers of a call: one signature for each secret.
func sign(h http.Header, keys [][]byte, id string, at time.Time, body []byte) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	var all []string
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		_, _ = mac.Write([]byte(id + "." + stamp + ".")) // never fails (hash.Hash)
		_, _ = mac.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	h.Set(headerID, id)
	h.Set(headerTimestamp, stamp)
	h.Set(headerSignature, strings.Join(all, " "))
}
