package sqlite3

// The primary result codes.
const (
	ErrError ErrNo = iota + 1
	ErrInternal
	ErrPerm
	ErrAbort
	ErrBusy
	ErrLocked
	ErrNomem
	ErrReadonly
	ErrInterrupt
	ErrIoErr
	ErrCorrupt
	ErrNotFound
	ErrFull
	ErrCantOpen
	ErrProtocol
	ErrEmpty
	ErrSchema
	ErrTooBig
	ErrConstraint
	ErrMismatch
	ErrMisuse
	ErrNoLFS
	ErrAuth
	ErrFormat
	ErrRange
	ErrNotADB
	ErrNotice
	ErrWarning
)

// The extended result codes that something here tells apart.
const (
	ErrLockedSharedCache    = ErrNoExtended(ErrLocked) | 1<<8
	ErrBusyRecovery         = ErrNoExtended(ErrBusy) | 1<<8
	ErrBusySnapshot         = ErrNoExtended(ErrBusy) | 2<<8
	ErrConstraintCheck      = ErrNoExtended(ErrConstraint) | 1<<8
	ErrConstraintForeignKey = ErrNoExtended(ErrConstraint) | 3<<8
	ErrConstraintNotNull    = ErrNoExtended(ErrConstraint) | 5<<8
	ErrConstraintPrimaryKey = ErrNoExtended(ErrConstraint) | 6<<8
	ErrConstraintUnique     = ErrNoExtended(ErrConstraint) | 8<<8
)
