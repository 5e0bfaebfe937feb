package ui

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
)

// seal keeps in a cookie what only we may read and write.
type seal struct {
	// The first closes, all open.
	aeads []cipher.AEAD
}

// maxSealed bounds what is unpacked of a cookie.
const maxSealed = 64 << 10

func newSeal(keys [][]byte) (seal, error) {
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
	return base64.RawURLEncoding.EncodeToString(s.aeads[0].Seal(nil, nil, packed.Bytes(), []byte(binding))), nil
}

// open reports whether text was sealed by us with this binding, and unpacks it into v.
func (s seal) open(text, binding string, v any) bool {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
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
