package regions

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// RefusedError is a cluster that cannot be brought to the goal as it is, and what has to be done first.
type RefusedError struct{ Reason, Cure string }

// Error implements error.
func (e *RefusedError) Error() string { return e.Reason + "; " + e.Cure }

func refuse(s State, g Goal) error {
	if len(s.Cluster) == 0 {
		return &RefusedError{
			"no node of the cluster has a region",
			"restart each node with --locality=region=<region>,zone=<zone>, one after another",
		}
	}
	var unknown []string
	for _, name := range g.All() {
		if !slices.Contains(s.Cluster, name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return &RefusedError{
			fmt.Sprintf("the cluster has no node in %s (it has %s)", strings.Join(unknown, ", "), strings.Join(s.Cluster, ", ")),
			"start nodes there with --locality=region=<region>, or correct database.regions",
		}
	}
	return nil
}

// sqlStates of what a person has to settle first.
const (
	stateCCLRequired    = "XXC01" // a build without the features of Cockroach Labs' license
	stateLicense        = "XXC02" // no license, an expired one, or one that wants telemetry
	stateNoPrivilege    = "42501"
	stateObjectPresent  = "42710" // the region was added in the meantime
	stateObjectMissing  = "42704" // the region was dropped in the meantime
	stateUnimplemented  = "0A000"
	stateUndefinedField = "42703"
)

// settleFirst turns an error of the cluster into a refusal where a person can do something about it.
func settleFirst(err error) error {
	switch state := sqlState(err); {
	case state == stateCCLRequired || state == stateLicense || strings.Contains(err.Error(), "enterprise license"):
		return &RefusedError{
			"the cluster's license does not allow regions now",
			"look at SHOW CLUSTER SETTING enterprise.license and docs/cockroachdb.md, \"License\"",
		}
	case state == stateNoPrivilege:
		return &RefusedError{
			"the database user may not read or change regions",
			"run the command with --admin-url and a member of the role admin, or the owner of both databases",
		}
	case state == stateUnimplemented && strings.Contains(err.Error(), "multi-region"):
		return &RefusedError{
			"this cluster does not offer regions",
			"ask its provider: a virtual cluster needs the capability for multi-region abstractions",
		}
	}
	return err
}

func sqlState(err error) string {
	var s interface{ SQLState() string }
	if errors.As(err, &s) {
		return s.SQLState()
	}
	return ""
}
