package declare

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// Kind is what can be declared.
type Kind string

// The kinds, by their words in the file.
const (
	KindClient   Kind = "client"
	KindIdentity Kind = "identity"
)

// Want is one thing as the file says it: one of Client and Identity is set.
type Want struct {
	Client   *Client
	Identity *Identity
}

// Wants puts clients and people together.
func Wants(clients []Client, people []Identity) []Want {
	var out []Want
	for i := range clients {
		out = append(out, Want{Client: &clients[i]})
	}
	for i := range people {
		out = append(out, Want{Identity: &people[i]})
	}
	return out
}

// Kind says what it is.
func (w Want) Kind() Kind {
	if w.Identity != nil {
		return KindIdentity
	}
	return KindClient
}

// Name is what the file calls it: a client's id, a person's key.
func (w Want) Name() string {
	if w.Identity != nil {
		return w.Identity.Key
	}
	return w.Client.ID
}

func (w Want) check() error {
	if w.Identity != nil {
		return w.Identity.check()
	}
	return w.Client.check()
}

func (w Want) values() Values {
	if w.Identity != nil {
		return w.Identity.Values()
	}
	return w.Client.Values()
}

// secret is what an update has to send, when it is another one than before.
func (w Want) secret() string {
	if w.Identity != nil {
		return w.Identity.PasswordHash
	}
	return w.Client.Secret
}

func (w Want) digest(key []byte) (string, error) {
	if w.Identity != nil {
		return w.Identity.digest(key)
	}
	return digest(*w.Client, key)
}

// sums are the digests of one thing, or of its secret, under each key: the first one is written, any is
// recognized.
type sums struct{ whole, secret []string }

func (w Want) sums(keys [][]byte) (sums, error) {
	var out sums
	for _, key := range keys {
		one, err := w.digest(key)
		if err != nil {
			return sums{}, err
		}
		out.whole = append(out.whole, one)
		if w.secret() == "" {
			out.secret = append(out.secret, "")
			continue
		}
		out.secret = append(out.secret, keyed(key, "identityd declared secret 1\n"+string(w.Kind())+"\n"+w.Name()+"\n"+w.secret()))
	}
	return out, nil
}

// FileSums stand for all that a file declares, whatever its order, under each key.
func FileSums(want []Want, keys [][]byte) ([]string, error) {
	list := slices.Clone(want)
	slices.SortFunc(list, func(a, b Want) int {
		return cmp.Or(cmp.Compare(a.Kind(), b.Kind()), cmp.Compare(a.Name(), b.Name()))
	})
	var out []string
	for _, key := range keys {
		text := "identityd declared file 1\n"
		for _, w := range list {
			one, err := w.digest(key)
			if err != nil {
				return nil, err
			}
			text += string(w.Kind()) + " " + w.Name() + " " + one + "\n"
		}
		out = append(out, keyed(key, text))
	}
	return out, nil
}

func keyed(key []byte, text string) string {
	h := hmac.New(sha256.New, key)
	fmt.Fprint(h, text)
	return hex.EncodeToString(h.Sum(nil))
}
