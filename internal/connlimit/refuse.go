package connlimit

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// answered is how many refusals are told at once; beyond it connections are closed without a word.
	answered = 32
	// patience is what a client gets to take its answer.
	patience = 500 * time.Millisecond
)

// refuse tells a client over HTTP that it has to come again. What it sent is read until it has the answer,
// because closing would else reset the connection and take the answer away.
func (l *listener) refuse(c net.Conn, reason Reason) {
	if l.limit.cfg.Encrypted {
		c.Close()
		return
	}
	select {
	case l.answering <- struct{}{}:
	default:
		c.Close()
		return
	}
	l.telling.Go(func() {
		defer func() { <-l.answering }()
		defer c.Close()
		if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
			return
		}
		if _, err := io.WriteString(c, answer(reason)); err != nil {
			return
		}
		if half, ok := c.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(c, 64<<10)) // until its end or the deadline
		}
	})
}

// answer is the least that is a response.
func answer(reason Reason) string {
	status, text := http.StatusServiceUnavailable, "Too many connections are open here. Please try again in a moment.\n"
	if reason == Client {
		status, text = http.StatusTooManyRequests, "Too many connections are open from your address. Please close some and try again.\n"
	}
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nConnection: close\r\nRetry-After: 5\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"+
		"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", status, http.StatusText(status), len(text), text)
}
