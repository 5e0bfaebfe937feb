package supervisor

import (
	"context"
	"log/slog"
	"os"
)

// watch turns signals into the two steps of an end.
type watch struct {
	stop   chan struct{} // closed by the first signal or the end of the context
	forced chan struct{} // closed by the second signal
}

// run counts signals until ended. Only a second signal forces: one that meets a group which is
// already stopping for another reason (an orchestrator reacting to a failure) is still the first.
func (w watch) run(
	ctx context.Context, log *slog.Logger, signals <-chan os.Signal, ended <-chan struct{},
) {
	done := ctx.Done()
	for stopping, signaled := false, false; ; {
		select {
		case <-ended:
			return
		case <-done:
			done = nil
			if !stopping {
				stopping = true
				log.InfoContext(ctx, "stopping", "reason", context.Cause(ctx).Error())
				close(w.stop)
			}
		case s, open := <-signals:
			if !open {
				signals = nil
				continue
			}
			if signaled {
				log.WarnContext(ctx, "stopping at once", "signal", s.String())
				close(w.forced)
				return
			}
			signaled = true
			if !stopping {
				stopping = true
				log.InfoContext(ctx, "stopping", "signal", s.String())
				close(w.stop)
			}
		}
	}
}
