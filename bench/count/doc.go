// Package count counts what an operation costs beside time: statements, round trips and bytes to the database, allocations, CPU, memory, connections.
package count
