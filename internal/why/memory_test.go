package why

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/alloctest"
)

func accessLine(id, more string) []byte {
	return []byte(`{"time":"2026-11-27T12:00:00Z","level":"INFO","msg":"request","method":"GET","path":"/x","status":200,"request_id":"` + id + `"` + more + "}\n")
}

func TestMemory(t *testing.T) {
	m := NewMemory()
	write := func(line []byte) {
		if n, err := m.Write(line); n != len(line) || err != nil {
			t.Fatalf("got %d, %v, want all of it written", n, err)
		}
	}
	write([]byte(`{"time":"2026-11-27T12:00:00Z","level":"INFO","msg":"ready"}` + "\n")) // of no request
	write(accessLine("wanted", `,"flows":"aabbcc"`))
	if telling, _ := m.Since(); telling.Before(m.began) {
		t.Errorf("got %s, want that it remembers all since it began", telling)
	}
	const many = 20_000 // some 2 MB
	for i := range many {
		write(accessLine(fmt.Sprint("plain", i), ""))
	}
	lines, all := m.Lines(), ""
	for _, l := range lines {
		all += string(l) + "\n"
	}
	if !strings.Contains(all, `"wanted"`) {
		t.Error("a line of a sign-in was pushed out by plain ones")
	}
	if strings.Contains(all, `"plain0"`) || !strings.Contains(all, fmt.Sprintf(`"plain%d"`, many-1)) || strings.Contains(all, `"ready"`) {
		t.Error("want the newest plain lines and no old one, and none that is of no request")
	}
	if len(all) > (tellingChunks+plainChunks)*chunk {
		t.Errorf("got %d bytes, want them bounded", len(all))
	}
	if _, plain := m.Since(); !plain.Equal(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("got %s, want the time of the oldest plain line", plain)
	}
}

// TestRememberingCostsNothing: the line is made anyway, and its room is there already.
func TestRememberingCostsNothing(t *testing.T) {
	m := NewMemory()
	line := accessLine("some-id-of-a-request", `,"flows":"aabbcc"`)
	alloctest.AtMost(t, 0, func() { _, _ = m.Write(line) })
}
