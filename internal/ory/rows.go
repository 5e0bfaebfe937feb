package ory

import (
	"context"
	"fmt"

	"github.com/gobuffalo/pop/v6"
)

// AnyRow reports whether one of the tables has a row. A table that does not exist has none.
func AnyRow(ctx context.Context, c *pop.Connection, tables ...string) (bool, error) {
	for _, table := range tables {
		var found []int
		err := c.WithContext(ctx).RawQuery("SELECT 1 FROM " + table + " LIMIT 1").All(&found)
		if err != nil && !MissingTable(err) {
			return false, fmt.Errorf("looking into %s: %w", table, err)
		}
		if len(found) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// FirstTenant returns the id of the tenant that an engine takes, or nothing before there is one.
func FirstTenant(ctx context.Context, c *pop.Connection) (string, error) {
	var ids []string
	err := c.WithContext(ctx).RawQuery("SELECT id FROM networks ORDER BY created_at ASC LIMIT 1").All(&ids)
	if err != nil && !MissingTable(err) {
		return "", fmt.Errorf("reading the tenant: %w", err)
	}
	if len(ids) == 0 {
		return "", nil
	}
	return ids[0], nil
}
