package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"example.com/identityd/internal/scripttest"
)

const readyPath = "/health/ready"

// request is one request on a connection of the test's own, so that each byte has its time. Its
// methods do nothing once err is set.
type request struct {
	target  target
	id      string
	address string
	kept    bool // the connection has served a request before
	text    string
	first   int // how much of the text begin sends
	sent    int

	conn         net.Conn
	in           *bufio.Reader
	got          int
	close        bool // the response says that the connection ends
	began, ended time.Time
	err          error
}

// newRequest varies with n how much begin sends (the first byte, half, all but the last byte) and,
// more slowly, the address family.
func newRequest(t target, id string, n int) *request {
	r := &request{target: t, id: id, address: t.addresses[n/3%len(t.addresses)]}
	r.text = fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nX-Request-Id: %s\r\n\r\n", t.path, r.host(), id)
	r.first = []int{1, len(r.text) / 2, len(r.text) - 1}[n%3]
	return r
}

// newSlowRequest has a body, and a client that takes its time for it.
func newSlowRequest(t target) *request {
	t.path, t.status = "/oauth2/token", http.StatusBadRequest
	const body = "client_id=nobody&grant_type=none"
	r := &request{target: t, id: "slow", address: t.addresses[0]}
	r.text = fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nX-Request-Id: %s\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		t.path, r.host(), r.id, len(body), body)
	r.first = 1
	return r
}

// host is the name that a browser would send: the pages redirect from an address.
func (r *request) host() string {
	return "localhost" + r.address[strings.LastIndex(r.address, ":"):]
}

// String names the request in failures.
func (r *request) String() string {
	kind := "new"
	if r.kept {
		kind = "kept"
	}
	return fmt.Sprintf("request %s on a %s connection to %s", r.id, kind, r.target.listener)
}

func (r *request) open() {
	if r.conn != nil || r.err != nil {
		return
	}
	if r.conn, r.err = net.DialTimeout("tcp", r.address, scripttest.StopBound); r.err != nil {
		return
	}
	r.in = bufio.NewReader(r.conn)
	r.err = r.conn.SetDeadline(time.Now().Add(scripttest.StopBound))
}

// keep makes the connection one that has served a request before.
func (r *request) keep() {
	r.open()
	r.send(len(r.text))
	r.read()
	r.kept, r.sent = true, 0
}

// begin sends at least the first byte, and not the last one.
func (r *request) begin() {
	r.began = time.Now()
	r.open()
	r.send(r.first)
}

// finish sends the rest at a point in time and reads the answer.
func (r *request) finish(at time.Time) {
	until(at)
	r.send(len(r.text))
	r.read()
	if r.conn != nil {
		r.conn.Close()
	}
}

// dribble spreads the rest over a duration from a point in time on.
func (r *request) dribble(from time.Time, over time.Duration) {
	first, left := r.sent, len(r.text)-r.sent
	for i := range left {
		until(from.Add(over * time.Duration(i+1) / time.Duration(left)))
		r.send(first + i + 1)
	}
	r.finish(from.Add(over))
}

// send sends up to a position of the text.
func (r *request) send(position int) {
	if r.err != nil || position <= r.sent {
		return
	}
	_, r.err = io.WriteString(r.conn, r.text[r.sent:position])
	r.sent = position
}

func (r *request) read() {
	if r.err != nil {
		return
	}
	res, err := http.ReadResponse(r.in, nil)
	if err != nil {
		r.err = fmt.Errorf("reading the response: %w", err)
		return
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		r.err = fmt.Errorf("reading the response's body: %w", err)
	}
	r.got, r.close, r.ended = res.StatusCode, res.Close, time.Now()
}

// until waits for a point in time; what is measured here is what happens between two of them.
func until(at time.Time) {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	<-timer.C
}
