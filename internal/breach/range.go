package breach

import (
	"bufio"
	"context"
	"crypto/sha1" //nolint:gosec // it is what the service names passwords by
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// DefaultHost answers for the passwords of Have I Been Pwned.
const DefaultHost = "api.pwnedpasswords.com"

// Ranges is a service that lists the hashes beginning with five characters, as Have I Been Pwned's does
// (k-anonymity): it is told no more of a password, and padding hides how long its answer is.
type Ranges struct {
	// Host is the name, with a port where that is not 443.
	Host string
	// Client opens the connection. Its timeout is how long a person waits.
	Client *http.Client
}

// errAnswer is an answer that is none.
var errAnswer = errors.New("the service of breached passwords answered something else")

// largestRange is far above the answers there are, which have some 2000 lines.
const largestRange = 1 << 20

// Has reports whether the service knows a password.
func (r Ranges) Has(ctx context.Context, password string) (bool, error) {
	sum := sha1.Sum([]byte(password)) //nolint:gosec // as above
	name := strings.ToUpper(hex.EncodeToString(sum[:]))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+r.Host+"/range/"+name[:5], http.NoBody)
	if err != nil {
		return false, fmt.Errorf("asking for breached passwords: %w", err)
	}
	req.Header.Set("Add-Padding", "true")
	req.Header.Set("User-Agent", "identityd")
	res, err := r.Client.Do(req)
	if err != nil {
		return false, fmt.Errorf("asking for breached passwords: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return false, fmt.Errorf("%w: %s", errAnswer, res.Status)
	}
	lines, found, any := bufio.NewScanner(io.LimitReader(res.Body, largestRange)), false, false
	for lines.Scan() {
		rest, count, ok := strings.Cut(strings.TrimSpace(lines.Text()), ":")
		if !ok || len(rest) != len(name)-5 {
			return false, errAnswer
		}
		any = true
		// Padding has a count of 0.
		found = found || count != "0" && strings.EqualFold(rest, name[5:])
	}
	if err := lines.Err(); err != nil {
		return false, fmt.Errorf("reading breached passwords: %w", err)
	}
	if !any {
		return false, errAnswer
	}
	return found, nil
}
