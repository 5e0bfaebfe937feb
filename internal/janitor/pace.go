package janitor

import (
	"context"
	"time"

	"example.com/identityd/internal/store"
)

// longestPause bounds what a slow statement makes the next one wait.
const longestPause = 5 * time.Second

// pace waits after a batch that removed so many rows and took so long: at least as long as the rate
// asks for, and as long as the batch took, so that a database that is slow is left alone half of the
// time.
func (j *Janitor) pace(ctx context.Context, removed int64, took time.Duration) error {
	wait := time.Duration(removed) * time.Second / time.Duration(j.cfg.RowsPerSecond)
	return store.Sleep(ctx, max(wait-took, min(took, longestPause)))
}
