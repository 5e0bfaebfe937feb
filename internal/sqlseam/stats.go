package sqlseam

import "sync/atomic"

// Statistics count what the seam repeated, since the process started. Only statements outside
// transactions are repeated here.
type Statistics struct {
	// Repeated is the number of attempts beyond the first.
	Repeated uint64
	// Recovered and Abandoned are statements that were repeated, by what came of them.
	Recovered, Abandoned uint64
	// TxRepeated and TxAbandoned count the transactions of our own (store.Tx): attempts beyond the first,
	// and transactions given up after the last.
	TxRepeated, TxAbandoned uint64
}

// counters is what Statistics are read from.
type counters struct{ repeated, recovered, abandoned, txRepeated, txAbandoned, unopened atomic.Uint64 }

// Stats returns the counts of the process.
func Stats() Statistics {
	return Statistics{
		Repeated:  process.repeated.Load(),
		Recovered: process.recovered.Load(),
		Abandoned: process.abandoned.Load(),

		TxRepeated:  process.txRepeated.Load(),
		TxAbandoned: process.txAbandoned.Load(),
	}
}

// CountTxRepeated counts one more attempt of a transaction.
func CountTxRepeated() { process.txRepeated.Add(1) }

// CountTxAbandoned counts a transaction that met a conflict at its last attempt.
func CountTxAbandoned() { process.txAbandoned.Add(1) }
