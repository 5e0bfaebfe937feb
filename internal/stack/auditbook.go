package stack

import (
	"context"
	"errors"
	"time"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/config"
)

// AuditBook is the audit trail of an installation, for commands. It is read from the database, whether
// identityd serves or not.
type AuditBook struct {
	dbs    databases
	wraps  [][]byte
	reader *audit.Reader
}

// OpenAudit opens it.
func OpenAudit(ctx context.Context, cfg config.Config, opts Options) (*AuditBook, error) {
	dbs, err := openForCommand(ctx, cfg, opts.Log)
	if err != nil {
		return nil, err
	}
	b := &AuditBook{dbs: dbs}
	if _, _, err := audit.Newest(ctx, dbs.kratos); err != nil {
		dbs.close()
		return nil, unmigrated(errors.Unwrap(err), dbs.dialect)
	}
	k, err := resolveKeys(ctx, cfg, opts.Log)
	if err == nil {
		b.wraps, err = k.auditWraps()
	}
	if err != nil {
		dbs.close()
		return nil, err
	}
	b.reader = audit.NewReader(dbs.kratos, b.wraps)
	return b, nil
}

// Close closes it.
func (b *AuditBook) Close() { b.dbs.close() }

// Verify walks through the whole trail.
func (b *AuditBook) Verify(ctx context.Context, known ...audit.Known) (audit.Report, error) {
	return audit.Verify(ctx, b.dbs.kratos, b.wraps, known...)
}

// Newest returns the newest anchor, and false when there is none.
func (b *AuditBook) Newest(ctx context.Context) (audit.Anchor, bool, error) {
	return audit.Newest(ctx, b.dbs.kratos)
}

// Each hands on what the filter chooses, in the order of time.
func (b *AuditBook) Each(ctx context.Context, f audit.Filter, each func(audit.Read) error) error {
	return b.reader.Each(ctx, f, each)
}

// Latest returns the newest n, newest first.
func (b *AuditBook) Latest(ctx context.Context, f audit.Filter, n int) ([]audit.Read, error) {
	return b.reader.Latest(ctx, f, 0, n)
}

// Follow hands on what comes, until the context ends.
func (b *AuditBook) Follow(ctx context.Context, f audit.Filter, each func(audit.Read) error) error {
	return b.reader.Follow(ctx, f, time.Second, each)
}
