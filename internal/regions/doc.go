// Package regions brings the two databases on CockroachDB to the regions that database.regions asks
// for: it reads what the cluster has, plans the statements that are missing, and runs them one by one.
package regions
