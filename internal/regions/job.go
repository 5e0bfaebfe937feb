package regions

import (
	"fmt"
	"strings"
)

// Job is a schema change that the cluster runs in the background.
type Job struct {
	ID          int64   `json:"id"`
	Status      string  `json:"status"`
	Description string  `json:"description"`
	Fraction    float64 `json:"fraction"`
}

// String is the job in one line.
func (j Job) String() string {
	return fmt.Sprintf("job %d, %s, %.0f %%: %s", j.ID, j.Status, 100*j.Fraction, oneLine(j.Description))
}

// concerns finds the databases in the text of the statement, which is all that SHOW JOBS has of them.
// It waits for a job too many rather than for one too few.
func (j Job) concerns(databases []string) bool {
	for _, name := range databases {
		if strings.Contains(j.Description, name) {
			return true
		}
	}
	return false
}

// paused reports a job that goes on only when somebody says so.
func (j Job) paused() bool { return j.Status == "paused" || j.Status == "pause-requested" }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
