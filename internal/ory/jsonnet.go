package ory

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/go-jsonnet"
	"github.com/ory/x/jsonnetsecure"
)

// Limits of one Jsonnet evaluation. A program that an operator wrote needs milliseconds and a
// handful of frames; these stop a mistake, not an attacker.
const (
	jsonnetStack    = 200
	jsonnetDeadline = 2 * time.Second
	jsonnetStray    = 4
	jsonnetOutput   = 1 << 20
)

// Jsonnet evaluates Jsonnet in this process instead of in a child (docs/ory-quirks.md#q7), within a
// stack, a deadline and without imports. go-jsonnet cannot be interrupted: an evaluation that
// exceeds its deadline is abandoned and counted, and when too many are astray no other is begun.
type Jsonnet struct {
	deadline time.Duration
	stray    atomic.Int64
	total    atomic.Int64
}

// NewJsonnet returns a provider for an engine.
func NewJsonnet() *Jsonnet { return &Jsonnet{deadline: jsonnetDeadline} }

// Abandoned returns how many evaluations were abandoned since the start.
func (j *Jsonnet) Abandoned() int64 { return j.total.Load() }

// JsonnetVM implements jsonnetsecure.VMProvider.
func (j *Jsonnet) JsonnetVM(ctx context.Context) (jsonnetsecure.VM, error) {
	vm := jsonnet.MakeVM()
	vm.Importer(new(jsonnetsecure.ErrorImporter))
	vm.MaxStack = jsonnetStack
	return &limitedVM{VM: vm, ctx: ctx, owner: j}, nil
}

// ParseJsonnet says what is wrong with a program, as far as that can be seen without running it.
func ParseJsonnet(name, text string) error {
	if _, err := jsonnet.SnippetToAST(name, text); err != nil {
		return fmt.Errorf("reading jsonnet: %w", err)
	}
	return nil
}

type limitedVM struct {
	*jsonnet.VM
	ctx   context.Context // jsonnetsecure.VM takes none at evaluation
	owner *Jsonnet
}

type evaluation struct {
	out string
	err error
}

// EvaluateAnonymousSnippet implements jsonnetsecure.VM.
func (v *limitedVM) EvaluateAnonymousSnippet(filename, snippet string) (string, error) {
	if n := v.owner.stray.Load(); n >= jsonnetStray {
		return "", fmt.Errorf("evaluating jsonnet %s: %d earlier evaluations are still running", filename, n)
	}
	ctx, cancel := context.WithTimeout(v.ctx, v.owner.deadline)
	defer cancel()
	done := make(chan evaluation, 1)
	var settled atomic.Bool // by whoever comes first: the end or the deadline
	go func() {
		e := v.evaluate(filename, snippet)
		if !settled.CompareAndSwap(false, true) {
			v.owner.stray.Add(-1)
		}
		done <- e
	}()
	select {
	case e := <-done:
		return e.out, e.err
	case <-ctx.Done():
		if settled.CompareAndSwap(false, true) {
			v.owner.stray.Add(1)
			v.owner.total.Add(1)
			return "", fmt.Errorf("evaluating jsonnet %s: abandoned: %w", filename, ctx.Err())
		}
		e := <-done
		return e.out, e.err
	}
}

func (v *limitedVM) evaluate(filename, snippet string) (e evaluation) {
	defer func() {
		if p := recover(); p != nil {
			e = evaluation{err: fmt.Errorf("evaluating jsonnet %s: panic: %v", filename, p)}
		}
	}()
	out, err := v.VM.EvaluateAnonymousSnippet(filename, snippet)
	if err == nil && len(out) > jsonnetOutput {
		return evaluation{err: errors.New("evaluating jsonnet: the result is too large")}
	}
	return evaluation{out: out, err: err}
}
