package move

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"time"
)

// digest sums up the rows of a table, in whatever order they come: databases sort texts differently.
// It adds the hashes of the rows modulo 2^256, so that a row that is there twice counts twice.
type digest struct {
	rows int64
	sum  [4]uint64
}

// add takes one row; values are as side.read made them, in the order of the columns.
func (d *digest) add(columns []pair, values []any) error {
	h := sha256.New()
	var buffer []byte
	for i, v := range values {
		encoded, err := encode(buffer[:0], columns[i].kind, v)
		if err != nil {
			return fmt.Errorf("column %s %w", columns[i].name, err)
		}
		buffer = encoded
		h.Write(binary.AppendUvarint(nil, uint64(len(buffer))))
		h.Write(buffer)
	}
	var carry uint64
	row := h.Sum(nil)
	for i := range d.sum {
		word := binary.LittleEndian.Uint64(row[8*i:])
		before := d.sum[i]
		d.sum[i] += word + carry
		if d.sum[i] < before || (carry == 1 && d.sum[i] == before) {
			carry = 1
		} else {
			carry = 0
		}
	}
	d.rows++
	return nil
}

// String is the sum in hex.
func (d *digest) String() string {
	var out [32]byte
	for i, word := range d.sum {
		binary.LittleEndian.PutUint64(out[8*i:], word)
	}
	return hex.EncodeToString(out[:])
}

// encode writes a value so that no two that differ look alike.
func encode(to []byte, k kind, v any) ([]byte, error) {
	switch x := v.(type) {
	case nil:
		return append(to, 0), nil
	case bool:
		return append(to, 'b', map[bool]byte{true: 1}[x]), nil
	case int64:
		return binary.BigEndian.AppendUint64(append(to, 'i'), uint64(x)), nil //nolint:gosec // the bits are what counts
	case float64:
		return binary.BigEndian.AppendUint64(append(to, 'f'), math.Float64bits(x)), nil
	case time.Time:
		to = binary.BigEndian.AppendUint64(append(to, 't'), uint64(x.Unix())) //nolint:gosec // the bits are what counts
		return binary.BigEndian.AppendUint32(to, uint32(x.Nanosecond())), nil //nolint:gosec // under a billion
	case []byte:
		return append(append(to, 'x'), x...), nil
	case string:
		if k != kindJSON {
			return append(append(to, 's'), x...), nil
		}
		canonical, err := canonicalJSON(x)
		if err != nil {
			return nil, err
		}
		return append(append(to, 'j'), canonical...), nil
	}
	return nil, unexpected(v)
}
