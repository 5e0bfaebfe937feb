package ui

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// seal keeps in a cookie what only we may read and write.
type seal struct {
	// The first closes, all open.
	aeads []cipher.AEAD
}

// maxSealed bounds what is unpacked of a cookie.
const maxSealed = 64 << 10

func newSeal(keys [][]byte) (seal, error) {
	if len(keys) == 0 {
		return seal{}, errors.New("preparing the seal: there is no key")
	}
	var s seal
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return seal{}, fmt.Errorf("preparing the seal: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return seal{}, fmt.Errorf("preparing the seal: %w", err)
		}
		s.aeads = append(s.aeads, aead)
	}
	return s, nil
}

// spelling is strict, so that a cookie has one spelling alone.
func spelling() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// close packs and seals v. It opens only with the same binding.
func (s seal) close(v any, binding string) (string, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encoding a cookie: %w", err)
	}
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return "", fmt.Errorf("packing a cookie: %w", err)
	}
	if _, err := z.Write(raw); err != nil {
		return "", fmt.Errorf("packing a cookie: %w", err)
	}
	if err := z.Close(); err != nil {
		return "", fmt.Errorf("packing a cookie: %w", err)
	}
	return spelling().EncodeToString(s.aeads[0].Seal(nil, nil, packed.Bytes(), []byte(binding))), nil
}

// open reports whether text was sealed by us with this binding, and unpacks it into v.
func (s seal) open(text, binding string, v any) bool {
	sealed, err := spelling().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // which the decoder passes over
		return false
	}
	var packed []byte
	for _, aead := range s.aeads {
		if packed, err = aead.Open(nil, nil, sealed, []byte(binding)); err == nil {
			break
		}
	}
	if err != nil {
		return false
	}
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxSealed))
	return err == nil && json.Unmarshal(raw, v) == nil
}
