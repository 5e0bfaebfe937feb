// Package alloctest is for tests only: it holds what is done for each request to a number of allocations.
package alloctest
