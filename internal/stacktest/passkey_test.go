package stacktest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"testing"
)

// device is an authenticator with one passkey, in the place of a phone: ES256, no attestation, the person verified.
type device struct {
	t      testing.TB
	key    *ecdsa.PrivateKey
	id     []byte
	handle string
}

func newDevice(t testing.TB) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, key: key, id: []byte(rand.Text())}
}

// asked is what a page hands to the browser, of which a passkey needs this.
type asked struct {
	PublicKey struct {
		Challenge string              `json:"challenge"`
		RP        struct{ ID string } `json:"rp"`
		RPID      string              `json:"rpId"`
		User      struct{ ID string } `json:"user"`
	} `json:"publicKey"`
}

const (
	userPresent  = 1 << 0
	userVerified = 1 << 2
	keyAttached  = 1 << 6
)

// create answers navigator.credentials.create at a page of origin.
func (d *device) create(origin, options string) string {
	d.t.Helper()
	var in struct {
		asked
		// Of a sign-up.
		Options asked `json:"credentialOptions"`
	}
	d.read(options, &in)
	ask := in.PublicKey
	if ask.Challenge == "" {
		ask = in.Options.PublicKey
	}
	d.handle = ask.User.ID
	public, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	// A COSE key of EC2, ES256 and P-256, and the attestation "none", in CBOR: only x, y and one length differ.
	cose := slices.Concat([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, public[1:33], []byte{0x22, 0x58, 0x20}, public[33:])
	data := slices.Concat(d.data(ask.RP.ID, keyAttached), make([]byte, 16), []byte{0, byte(len(d.id))}, d.id, cose)
	object := slices.Concat([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), []byte{byte(len(data))}, data)
	return d.answer(map[string]string{
		"clientDataJSON": encode(d.seen("webauthn.create", ask.Challenge, origin)), "attestationObject": encode(object),
	})
}

// get answers navigator.credentials.get at a page of origin.
func (d *device) get(origin, options string) string {
	d.t.Helper()
	var in asked
	d.read(options, &in)
	data, seen := d.data(in.PublicKey.RPID, 0), d.seen("webauthn.get", in.PublicKey.Challenge, origin)
	hash := sha256.Sum256(seen)
	digest := sha256.Sum256(slices.Concat(data, hash[:]))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]string{
		"clientDataJSON": encode(seen), "authenticatorData": encode(data), "signature": encode(signature), "userHandle": d.handle,
	})
}

func (d *device) read(options string, into any) {
	d.t.Helper()
	if err := json.Unmarshal([]byte(options), into); err != nil {
		d.t.Fatalf("got options %q: %v", options, err)
	}
}

func (d *device) data(domain string, flags byte) []byte {
	hash := sha256.Sum256([]byte(domain))
	return append(hash[:], userPresent|userVerified|flags, 0, 0, 0, 1)
}

func (d *device) seen(kind, challenge, origin string) []byte {
	return d.json(map[string]any{"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false})
}

func (d *device) answer(response map[string]string) string {
	return string(d.json(map[string]any{"id": encode(d.id), "rawId": encode(d.id), "type": "public-key", "response": response}))
}

func (d *device) json(v any) []byte {
	d.t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return bytes.TrimSpace(raw)
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// addPasskey adds a passkey in the settings of a browser that is signed in.
func (b *Browser) addPasskey(s *Stack) *device {
	b.t.Helper()
	d := newDevice(b.t)
	b.Open(s.URLs.UI + "/settings")
	b.answer(s, map[string]string{"passkey_settings_register": d.create(s.URLs.UI, b.given(s, "passkey_create_data"))})
	return d
}

// given is what the page gives to a script.
func (b *Browser) given(s *Stack, name string) string {
	b.t.Helper()
	value, _ := node(b.t, b.flow(s), name).Attributes.Value.(string)
	return value
}

// usesPasskey is the answer of a login page that is open.
func (b *Browser) usesPasskey(s *Stack, d *device) map[string]string {
	b.t.Helper()
	return map[string]string{"method": "passkey", "passkey_login": d.get(s.URLs.UI, b.given(s, "passkey_challenge"))}
}
