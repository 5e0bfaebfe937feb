package count

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// message is one of PostgreSQL's protocol.
func message(kind byte, body string) []byte {
	var out []byte
	if kind != 0 {
		out = append(out, kind)
	}
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)+4))
	return append(out, body...)
}

// server answers each message that is waited for as PostgreSQL does.
func server(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l
}

func serve(c net.Conn) {
	defer c.Close()
	for first := true; ; first = false {
		head := make([]byte, 5)
		if first {
			head = head[:4]
		}
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint32(head[len(head)-4:]))-4); err != nil {
			return
		}
		if first || head[0] == 'S' || head[0] == 'Q' {
			if _, err := c.Write(message('Z', "I")); err != nil {
				return
			}
		}
	}
}

func TestTheProxyCountsWhatIsExecuted(t *testing.T) {
	p, err := NewProxy(t.Context(), server(t).Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	through, err := p.Through("postgres://a:b@127.0.0.1:1/x?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(through)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ready := message('Z', "I")
	ask := func(messages ...[]byte) {
		t.Helper()
		if _, err := c.Write(bytes.Join(messages, nil)); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(ready))
		if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, ready) {
			t.Fatalf("got %q (%v), want the server's word", got, err)
		}
	}
	sync := message('S', "")
	ask(message(0, "\x00\x03\x00\x00user\x00a\x00\x00"))
	before := p.Count()
	ask(message('Q', "begin\x00"))
	ask(message('P', "s1\x00SELECT  $1\x00\x00\x00"), message('D', "Ss1\x00"), sync)
	for range 2 {
		ask(message('B', "\x00s1\x00\x00\x00"), message('E', "\x00\x00\x00\x00\x00"), sync)
	}
	ask(message('P', "\x00INSERT INTO a VALUES ($1, $2, $3)\x00\x00\x00"), message('B', "\x00\x00\x00\x00"), message('E', "\x00\x00\x00\x00\x00"), sync)
	ask(message('Q', "commit\x00"))
	got := p.Count().Less(before)
	want := Traffic{
		RoundTrips: 6, Statements: 3, Control: 2, Sent: got.Sent, Received: 6 * len(ready),
		Texts: map[string]int{"SELECT $1": 2, "INSERT INTO a VALUES (...)": 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if got.Sent < 100 {
		t.Errorf("got %d bytes sent, want all of them", got.Sent)
	}
}

func TestAnEncryptedConversationIsRefused(t *testing.T) {
	if _, err := (&Proxy{}).Through("postgres://127.0.0.1/x?sslmode=require"); err == nil {
		t.Error("got no error, want one that says sslmode=disable")
	}
}
