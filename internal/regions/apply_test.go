package regions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// state is an error of the cluster.
type state string

func (s state) Error() string    { return "use of multi-region features: " + string(s) }
func (s state) SQLState() string { return string(s) }

const pollEvery = time.Second

// told keeps what was told, one line each.
type told []string

func (t *told) tell(p Progress) {
	line := fmt.Sprintf("%d/%d %s", p.Number, p.Total, p.State)
	if p.State == Begun {
		line += " " + p.Step.SQL
	}
	if p.Job != nil {
		line += " " + p.Job.String()
	}
	*t = append(*t, line)
}

func applied(t *testing.T, c Cluster, g Goal) (int, told, error) {
	t.Helper()
	var lines told
	n, err := Apply(t.Context(), c, g, Options{}, pollEvery, lines.tell)
	return n, lines, err
}

// inBubble runs each test on a clock of its own, so that waiting takes no time.
func inBubble(t *testing.T, name string, f func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func TestApply(t *testing.T) {
	all := []string{"ap-south-1", "eu-west-1", "us-east-1"}
	one := Goal{Primary: "eu-west-1", Survive: "zone", Rows: "primary"}
	inBubble(t, "it runs every step and then finds nothing to do", func(t *testing.T) {
		m := &model{fresh(all...)}
		plan, err := Make(m.state, three(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		n, lines, err := applied(t, m.cluster(), three())
		if err != nil || n != len(plan.Steps) || len(lines) != 2*n {
			t.Fatalf("got %d steps and %d lines, %v, want %d steps", n, len(lines), err, len(plan.Steps))
		}
		if got, want := lines[0], `1/14 begun ALTER DATABASE "hydra" SET PRIMARY REGION "eu-west-1"`; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if diff := cmp.Diff(after(fresh(all...), three(), -1), m.state); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if n, lines, err := applied(t, m.cluster(), three()); n != 0 || len(lines) != 0 || err != nil {
			t.Errorf("again: got %d steps, %v, %v, want none", n, lines, err)
		}
	})
	inBubble(t, "it goes on where another one stopped", func(t *testing.T) {
		m := &model{after(fresh(all...), three(), 9)}
		if n, _, err := applied(t, m.cluster(), three()); n != 5 || err != nil {
			t.Errorf("got %d steps, %v, want 5", n, err)
		}
	})
	inBubble(t, "a cut connection is made up for by the job that goes on", func(t *testing.T) {
		m := &model{fresh("eu-west-1")}
		c := m.cluster()
		runs, left := 0, 3
		c.exec = func(_ context.Context, s Step) error {
			if runs++; runs == 2 {
				return fmt.Errorf("running: %w", io.ErrUnexpectedEOF)
			}
			m.run(s.SQL)
			return nil
		}
		c.running = func(context.Context) ([]Job, error) {
			if runs != 2 || left == 0 {
				return nil, nil
			}
			if left--; left == 0 {
				m.run(`ALTER TABLE "hydra"."public"."hydra_client" SET LOCALITY GLOBAL`)
				return nil, nil
			}
			return []Job{{ID: 7, Status: "running", Fraction: 0.5, Description: "ALTER TABLE hydra.public.hydra_client"}}, nil
		}
		n, lines, err := applied(t, c, one)
		if err != nil || runs != 10 || n != 9 {
			t.Fatalf("got %d steps in %d runs, %v, want 9 in 10: one was begun by the cut one\n%v", n, runs, err, lines)
		}
		want := told{
			`2/10 begun ALTER TABLE "hydra"."public"."hydra_client" SET LOCALITY GLOBAL`,
			"2/10 lost",
			"2/0 waiting job 7, running, 50 %: ALTER TABLE hydra.public.hydra_client",
			"2/0 waiting job 7, running, 50 %: ALTER TABLE hydra.public.hydra_client",
			`2/9 begun ALTER TABLE "hydra"."public"."hydra_jwk" SET LOCALITY GLOBAL`,
		}
		if diff := cmp.Diff(want, lines[2:7]); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
	inBubble(t, "it tells how far the job of a long statement is", func(t *testing.T) {
		m := &model{fresh("eu-west-1")}
		c := m.cluster()
		c.exec = func(_ context.Context, s Step) error {
			<-time.After(3*pollEvery + pollEvery/2)
			m.run(s.SQL)
			return nil
		}
		began := time.Now()
		c.running = func(context.Context) ([]Job, error) {
			// Between two statements nothing runs.
			if time.Since(began)%(3*pollEvery+pollEvery/2) == 0 {
				return nil, nil
			}
			return []Job{{ID: 1, Fraction: 0.1}}, nil
		}
		_, lines, err := applied(t, c, one)
		if err != nil || lines[1] != "1/10 running job 1, , 10 %: " || lines[4] != "1/10 done" {
			t.Errorf("got %v, %v, want three looks and the end", lines, err)
		}
	})
	inBubble(t, "a cluster that does not show the effect is given up", func(t *testing.T) {
		m := &model{fresh("eu-west-1")}
		c := m.cluster()
		runs := 0
		c.exec = func(context.Context, Step) error { runs++; return nil }
		_, _, err := applied(t, c, one)
		want := `giving up after 5 tries: the cluster does not show the effect of ALTER DATABASE "hydra" SET PRIMARY REGION "eu-west-1"`
		if runs != 5 || err == nil || err.Error() != want {
			t.Errorf("got %v after %d runs, want %s", err, runs, want)
		}
	})
	inBubble(t, "what somebody else did in the meantime is no error", func(t *testing.T) {
		m := &model{fresh(all...)}
		c := m.cluster()
		c.exec = func(_ context.Context, s Step) error {
			m.run(s.SQL)
			if s.SQL == `ALTER DATABASE "hydra" ADD REGION "us-east-1"` {
				return state(stateObjectPresent)
			}
			return nil
		}
		if n, _, err := applied(t, c, three()); n != 13 || err != nil {
			t.Errorf("got %d steps, %v, want 13 of its own", n, err)
		}
	})
}

func TestApplyStops(t *testing.T) {
	one := Goal{Primary: "eu-west-1", Survive: "zone", Rows: "primary"}
	lost := errors.New("the lease is lost")
	for _, tt := range []struct {
		name, want string
		refused    bool
		change     func(*fake, context.CancelCauseFunc)
	}{
		{
			"without a license", "the cluster's license does not allow regions now; look at SHOW CLUSTER SETTING enterprise.license " +
				`and docs/cockroachdb.md, "License"`, true,
			func(f *fake, _ context.CancelCauseFunc) {
				f.exec = func(context.Context, Step) error { return state(stateLicense) }
			},
		},
		{
			"without the rights", "the database user may not read or change regions; run the command with --admin-url " +
				"and a member of the role admin, or the owner of both databases", true,
			func(f *fake, _ context.CancelCauseFunc) {
				f.exec = func(context.Context, Step) error { return state(stateNoPrivilege) }
			},
		},
		{
			"before a paused job", "job 5 is paused (ALTER TABLE hydra.public.networks); run RESUME JOB 5 or CANCEL JOB 5, then this again", true,
			func(f *fake, _ context.CancelCauseFunc) {
				f.running = func(context.Context) ([]Job, error) {
					return []Job{{ID: 5, Status: "paused", Description: "ALTER TABLE hydra.public.networks"}}, nil
				}
			},
		},
		{
			"at an answer that it does not know",
			`running ALTER DATABASE "hydra" SET PRIMARY REGION "eu-west-1": use of multi-region features: 42P17`, false,
			func(f *fake, _ context.CancelCauseFunc) {
				f.exec = func(context.Context, Step) error { return state("42P17") }
			},
		},
		{
			"when the lease is lost", "the lease is lost", false,
			func(f *fake, cancel context.CancelCauseFunc) {
				f.exec = func(ctx context.Context, _ Step) error { cancel(lost); return ctx.Err() }
			},
		},
		{
			"when the cluster stays away", "reading: unexpected EOF", false,
			func(f *fake, _ context.CancelCauseFunc) {
				f.read = func(context.Context) (State, error) { return State{}, fmt.Errorf("reading: %w", io.ErrUnexpectedEOF) }
			},
		},
	} {
		inBubble(t, tt.name, func(t *testing.T) {
			m := &model{fresh("eu-west-1")}
			c := m.cluster()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			tt.change(&c, cancel)
			n, err := Apply(ctx, c, one, Options{}, pollEvery, func(Progress) {})
			var refused *RefusedError
			if err == nil || err.Error() != tt.want || errors.As(err, &refused) != tt.refused || n != 0 {
				t.Errorf("got  %v after %d steps\nwant %s", err, n, tt.want)
			}
			if m.state.Databases[0].Primary != "" {
				t.Error("a statement was run")
			}
		})
	}
	inBubble(t, "not for a node that is away for a moment", func(t *testing.T) {
		m := &model{fresh("eu-west-1")}
		c := m.cluster()
		read, looks := c.read, 0
		c.read = func(ctx context.Context) (State, error) {
			if looks++; looks%3 != 0 {
				return State{}, io.ErrUnexpectedEOF
			}
			return read(ctx)
		}
		if n, err := Apply(t.Context(), c, one, Options{}, pollEvery, func(Progress) {}); n != 10 || err != nil {
			t.Errorf("got %d steps, %v, want 10", n, err)
		}
	})
}

func TestJobsOfOtherDatabasesAreNotWaitedFor(t *testing.T) {
	for description, want := range map[string]bool{
		`ALTER DATABASE id_hydra ADD REGION "us-east-1"`:       true,
		"ALTER TABLE id_kratos.public.sessions SET LOCALITY":   true,
		"CREATE INDEX ON shop.public.orders (customer)":        false,
		"updating version for users table, ALTER DATABASE app": false,
	} {
		if got := (Job{Description: description}).concerns([]string{"id_hydra", "id_kratos"}); got != want {
			t.Errorf("%q: got %v, want %v", description, got, want)
		}
	}
}
