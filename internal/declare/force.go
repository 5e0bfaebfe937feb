package declare

import (
	"context"
	"slices"
	"time"
)

// Beats: a process says this often with which state of the file it serves, and is taken for gone after Alive.
const (
	Beat  = time.Minute
	Alive = 3 * time.Minute
)

// Verdict is what a process has to do about its file.
type Verdict string

// Verdicts.
const (
	// Nothing: the file is in force, and all of it was done.
	Nothing Verdict = "nothing"
	// Reconcile: it is new, or was not done to the end.
	Reconcile Verdict = "reconcile"
	// Superseded: a newer file is in force, and somebody serves with it. Undoing it would make two replicas
	// of a rolling upgrade change the same things in turn.
	Superseded Verdict = "superseded"
)

// Judge compares a file, by its sums, with the one in force, which it returns. A file that was in force
// before and is not any more comes back into force when nobody serves with the newer one: that is a way
// back of all processes, and not the restart of one in the middle of an upgrade.
func Judge(ctx context.Context, l Ledger, holder, owner string, sums []string) (Verdict, File, error) {
	files, err := l.Files(ctx, owner)
	if err != nil {
		return "", File{}, err
	}
	if len(files) == 0 {
		return Reconcile, File{}, nil
	}
	is := func(f File) bool { return slices.Contains(sums, f.Digest) }
	switch newest := files[0]; {
	case is(newest) && newest.Done:
		return Nothing, newest, nil
	case is(newest), !slices.ContainsFunc(files, is):
		return Reconcile, newest, nil
	default:
		served, err := l.Served(ctx, holder, owner, newest.Generation, time.Now().Add(-Alive))
		if err != nil {
			return "", File{}, err
		}
		if served {
			return Superseded, newest, nil
		}
		return Reconcile, newest, nil
	}
}

// Take writes down that the file is in force, or, with done, that all of it was done. before is the one in force
// until now.
func Take(ctx context.Context, l Ledger, holder, owner string, sums []string, before File, done bool) (File, error) {
	f := File{Digest: sums[0], Generation: before.Generation, At: time.Now(), By: holder, Done: done}
	if !slices.Contains(sums, before.Digest) {
		f.Generation++
	} else {
		f.Digest = before.Digest
	}
	return f, l.SaveFile(ctx, owner, f)
}
