package janitor

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// sample is how many rows of a table are looked at to see how many of them are dead.
const sample = 10_000

// TableStatus says how one table stands.
type TableStatus struct {
	Table string `json:"table"`
	// Backlog is how many of the rows looked at are dead. All is false when the table has more rows than
	// were looked at, or when the backlog is the one that the last run wrote down.
	Backlog int64 `json:"backlog"`
	All     bool  `json:"all"`
	// Removed counts the rows of the last run, RemovedEver those of all.
	Removed     int64 `json:"removed"`
	RemovedEver int64 `json:"removed_ever"`
	// Took is how long the table took at the last run.
	Took time.Duration `json:"took"`
}

// MarshalJSON writes the duration as people do, as every duration is written.
func (s TableStatus) MarshalJSON() ([]byte, error) {
	type plain TableStatus
	return json.Marshal(struct {
		plain
		Took string `json:"took"`
	}{plain(s), s.Took.String()})
}

// Status reads what was written down, for every table that is kept clean. With fresh it looks at the
// tables anew, at ten thousand rows of each.
func (j *Janitor) Status(ctx context.Context, fresh bool) (LastRun, []TableStatus, error) {
	last, err := j.Last(ctx)
	if err != nil {
		return LastRun{}, nil, err
	}
	noted, err := j.noted(ctx)
	if err != nil {
		return LastRun{}, nil, err
	}
	var out []TableStatus
	for _, t := range tables() {
		s := noted[t.name]
		s.Table = t.name
		if fresh {
			if s.Backlog, s.All, err = j.backlog(ctx, t); err != nil {
				return LastRun{}, nil, fmt.Errorf("looking at %s: %w", t.name, err)
			}
		}
		out = append(out, s)
	}
	return last, out, nil
}

func (j *Janitor) noted(ctx context.Context) (map[string]TableStatus, error) {
	rows, err := j.cfg.Kratos.QueryContext(ctx,
		"SELECT name, backlog, removed, removed_ever, ended_ms - began_ms FROM identityd_janitor")
	if err != nil {
		return nil, fmt.Errorf("reading the progress: %w", err)
	}
	defer rows.Close()
	out := map[string]TableStatus{}
	for rows.Next() {
		var (
			s  TableStatus
			ms int64
		)
		if err := rows.Scan(&s.Table, &s.Backlog, &s.Removed, &s.RemovedEver, &ms); err != nil {
			return nil, fmt.Errorf("reading the progress: %w", err)
		}
		s.Took = time.Duration(ms) * time.Millisecond
		out[s.Table] = s
	}
	return out, rows.Err()
}

// backlog counts the dead rows among the first ones.
func (j *Janitor) backlog(ctx context.Context, t table) (dead int64, all bool, err error) {
	nids, err := j.tenants(ctx, t)
	if err != nil {
		return 0, false, err
	}
	left := sample
	for _, nid := range nids {
		s := &sweep{j: j, t: t, db: j.db(t.in), nid: nid, now: j.cfg.Now()}
		for more := true; more; {
			if left <= 0 {
				return dead, false, nil
			}
			keys, m, err := s.look(ctx)
			if err != nil {
				return 0, false, err
			}
			dead += int64(len(keys))
			more, left = m, left-j.cfg.Batch*windows
		}
	}
	return dead, true, nil
}
