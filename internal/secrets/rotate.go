package secrets

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Stage is one step of a rotation.
type Stage string

// The steps. Replace is the first two in one, for an installation of one process: others could not open
// what it seals until they know the new secret too.
const (
	Add     Stage = "add"
	Promote Stage = "promote"
	Drop    Stage = "drop"
	Replace Stage = "replace"
)

// Stages are the steps in their order.
func Stages() []Stage { return []Stage{Add, Promote, Drop} }

// ErrPending says that a secret was added and not yet promoted.
var ErrPending = errors.New("a new secret was added already")

// ErrNothingPending says that there is no secret to promote.
var ErrNothingPending = errors.New("there is no new secret to promote")

// Pending is the position of a secret that was added and not promoted yet: one behind the first that is
// newer than it. -1 means that there is none.
func Pending(list []Secret) int {
	newest := -1
	for i := 1; i < len(list); i++ {
		if list[i].Made.After(list[0].Made) && (newest < 0 || list[i].Made.After(list[newest].Made)) {
			newest = i
		}
	}
	return newest
}

// Rotate takes one step with a list. now is when a new secret is made. needed reports which secrets Drop
// has to leave; it is asked about none that is first or pending.
func Rotate(list []Secret, stage Stage, now time.Time, needed func(Secret) bool) ([]Secret, error) {
	pending := Pending(list)
	switch stage {
	case Add:
		if pending >= 0 {
			return nil, ErrPending
		}
		return append(slices.Clone(list), newer(list, now)), nil
	case Promote:
		if pending < 0 {
			return nil, ErrNothingPending
		}
		out := []Secret{list[pending]}
		return append(append(out, list[:pending]...), list[pending+1:]...), nil
	case Replace:
		if pending >= 0 {
			return nil, ErrPending
		}
		return append([]Secret{newer(list, now)}, list...), nil
	case Drop:
		var out []Secret
		for i, s := range list {
			if i == 0 || i == pending || needed(s) {
				out = append(out, s)
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("there is no stage %q", stage)
}

// newer makes a secret that is newer than all, also when two are made within a second: its age is what
// tells a pending one.
func newer(list []Secret, now time.Time) Secret {
	s := fresh(now)
	for _, other := range list {
		if !s.Made.After(other.Made) {
			s.Made = other.Made.Add(time.Second)
		}
	}
	return s
}
