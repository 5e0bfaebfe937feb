package peoplefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// created notes when the other system made the account, or puts that where --map says. A number counts units since 1970
// where the system counts at all, and 0 is what it writes when it does not know. What cannot be read is a fault and not
// left out: an account keeps the date it was made with, so that it could not be brought along later.
func (o Options) created(p *Person, name string, raw json.RawMessage, unit time.Duration) error {
	text := bare(raw)
	if _, mapped := o.Map[name]; mapped || text == "" {
		return o.offer(p, name, text)
	}
	at, err := instant(text)
	if n, wrong := strconv.ParseFloat(text, 64); wrong == nil && unit > 0 {
		if n == 0 {
			return nil
		}
		at, err = since1970(n * unit.Seconds())
	}
	if err != nil {
		return &Fault{Field: name, Reason: fmt.Sprintf("%v; mend it, or leave it out with --map %s=-", err, name)}
	}
	p.CreatedAt = at
	return nil
}

// since1970 is exact to a millisecond, as the systems are that count.
func since1970(seconds float64) (*time.Time, error) {
	const most = 1e11 // beyond it the sum may not fit
	if !(math.Abs(seconds) < most) {
		return nil, errors.New("must be between 1970 and now")
	}
	return past(time.UnixMilli(int64(math.Round(seconds * 1000))))
}

// bare is a value of JSON as text: of a text what it says.
func bare(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil { // of null nothing
		return text
	}
	return string(raw)
}
