package ory

import (
	"github.com/ory/x/popx"
	"github.com/prometheus/client_golang/prometheus"
)

// TransactionRetries is the counter ory_x_popx_cockroach_transaction_retries_total of both engines,
// which upstream makes and never registers (docs/ory-quirks.md#q39).
func TransactionRetries() prometheus.Collector { return popx.TransactionRetries }
