package signout

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	randv2 "math/rand/v2"
	"time"
)

const (
	// attempts and the pauses between them: the last one is made after about a day.
	attempts   = 20
	firstPause = 2 * time.Second
	lastPause  = 4 * time.Hour
	// claim is how long an attempt keeps others away; longer than each may take.
	claim = 90 * time.Second
	each  = 15 * time.Second
	// clients is how many are told at once.
	clients = 8
)

// Tell writes down that clients have to be told of the end of a session of Hydra. When it returns, that
// cannot be lost.
func (q *Queue) Tell(ctx context.Context, session string, told []string) error {
	if len(told) == 0 {
		return nil
	}
	now := time.Now()
	messages := make([]Message, 0, len(told))
	for _, client := range told {
		messages = append(messages, Message{ID: newID(), Session: session, Client: client, Noted: now, Due: now})
	}
	if err := q.cfg.Rows.Add(ctx, messages); err != nil {
		return fmt.Errorf("writing down whom to tell: %w", err)
	}
	q.hurry()
	return nil
}

// deliver begins an attempt at every message whose time has come.
func (q *Queue) deliver(ctx context.Context) {
	for ctx.Err() == nil {
		due, waiting, err := q.cfg.Rows.Due(ctx, time.Now(), batch)
		if err != nil {
			q.cfg.Log.DebugContext(ctx, "waiting sign-out messages cannot be read", "err", err)
			return
		}
		q.count(func(s *Stats) { s.Waiting = waiting })
		if !q.begin(ctx, due) {
			return
		}
	}
}

// begin tells client by client, and does not wait: one that is slow delays nobody but itself. It reports
// whether there was a client that is not being told already, and room to tell one.
func (q *Queue) begin(ctx context.Context, due []Message) bool {
	byClient := map[string][]Message{}
	for _, m := range due {
		byClient[m.Client] = append(byClient[m.Client], m)
	}
	began := false
	for client, messages := range byClient {
		q.mu.Lock()
		free := !q.busy[client] && len(q.busy) < clients
		if free {
			q.busy[client] = true
		}
		q.mu.Unlock()
		if !free {
			continue
		}
		began = true
		q.telling.Go(func() {
			q.tell(ctx, client, messages)
			q.mu.Lock()
			delete(q.busy, client)
			q.mu.Unlock()
			q.hurry()
		})
	}
	return began
}

func (q *Queue) tell(ctx context.Context, client string, messages []Message) {
	for _, m := range messages {
		if ctx.Err() != nil {
			return
		}
		if q.try(ctx, m) {
			continue
		}
		// The next would wait for the same.
		now := time.Now()
		q.wrote(ctx, q.cfg.Rows.PutOff(ctx, client, now, now.Add(pause(m.Attempts))))
		return
	}
}

// try makes one attempt, and reports false when the client could not be reached. An attempt that began is
// finished even when the process ends.
func (q *Queue) try(ctx context.Context, m Message) (reached bool) {
	mine, err := q.cfg.Rows.Claim(ctx, m, time.Now().Add(claim))
	if err != nil {
		q.wrote(ctx, err) // nothing was sent; the next round tries again
		return true
	}
	if !mine {
		return true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), each)
	defer cancel()
	told, err := q.hydra.Tell(ctx, m)
	if err == nil {
		if told {
			q.count(func(s *Stats) { s.Sent++ })
			q.cfg.Log.InfoContext(ctx, "application told of a sign-out", "client_id", m.Client, "attempts", m.Attempts+1)
		}
		q.wrote(ctx, q.cfg.Rows.Remove(ctx, m.ID))
		return true
	}
	q.count(func(s *Stats) { s.Failed++ })
	reason := short(err.Error())
	if m.Attempts+1 >= attempts {
		q.count(func(s *Stats) { s.GivenUp++ })
		q.cfg.Log.ErrorContext(ctx, "application could not be told of a sign-out, giving up",
			"client_id", m.Client, "attempts", m.Attempts+1, "err", reason)
		q.wrote(ctx, q.cfg.Rows.GiveUp(ctx, m.ID, time.Now(), reason))
		return answered(err)
	}
	q.cfg.Log.WarnContext(ctx, "application could not be told of a sign-out, trying again",
		"client_id", m.Client, "attempts", m.Attempts+1, "err", reason)
	q.wrote(ctx, q.cfg.Rows.Delay(ctx, m.ID, time.Now().Add(pause(m.Attempts)), m.Attempts+1, reason))
	return answered(err)
}

// wrote says when the outcome of an attempt could not be written down: it is made again then.
func (q *Queue) wrote(ctx context.Context, err error) {
	if err != nil {
		q.cfg.Log.WarnContext(ctx, "attempt at a sign-out message not written down", "err", err)
	}
}

// pause is how long to wait after a failed attempt. Half of it is random, so that those who failed
// together do not come back together.
func pause(attempt int) time.Duration {
	limit := min(time.Duration(math.Exp2(float64(attempt)))*firstPause, lastPause)
	return limit/2 + randv2.N(limit/2)
}

// Refused is an answer of a client that is not the one that is wanted. Others are not put off by it.
type Refused struct{ Status int }

// Error implements error.
func (e *Refused) Error() string {
	return fmt.Sprintf("answered with status %d, want 200 or 204", e.Status)
}

func answered(err error) bool {
	var refused *Refused
	return errors.As(err, &refused)
}

func short(reason string) string {
	const most = 300
	if len(reason) > most {
		return reason[:most]
	}
	return reason
}

func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(id[:])
}
