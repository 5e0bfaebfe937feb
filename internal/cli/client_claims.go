package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/identityd/internal/identity"
)

// onlyClaims says for people which claims a client may get, empty for all that its scopes reveal.
func onlyClaims(metadata []byte) string {
	only := identity.OnlyClaims(metadata)
	if only != nil && len(only) == 0 {
		return "none"
	}
	return strings.Join(only, ", ")
}

func registerClaims(f *pflag.FlagSet) {
	f.StringSlice("claim", nil, "the only `claims` of people that it may get, of those its scopes reveal (all); repeatable")
}

// narrowing puts what --claim says into the metadata of a new client.
func narrowing(cmd *cobra.Command, fields map[string]any) map[string]any {
	if !cmd.Flags().Changed("claim") {
		return fields
	}
	own, _ := fields["metadata"].(map[string]any)
	return withClaims(fields, own, listOf(cmd.Flags(), "claim"))
}

// staysNarrow keeps what a client is narrowed to when its metadata is replaced, and the rest of the metadata when
// --claim is named: a change of something else must not open it.
func staysNarrow(cmd *cobra.Command, d *admin, id string, fields map[string]any) (map[string]any, error) {
	own, named := fields["metadata"].(map[string]any)
	claims := cmd.Flags().Changed("claim")
	if !named && !claims {
		return fields, nil
	}
	c, _, err := getClient(cmd, d, id)
	if err != nil {
		return nil, err
	}
	var held map[string]any
	whole := json.NewDecoder(bytes.NewReader(c.Metadata))
	whole.UseNumber()
	_ = whole.Decode(&held) // null, or what Hydra took as an object
	if !named {
		own = held
	}
	if claims {
		return withClaims(fields, own, listOf(cmd.Flags(), "claim")), nil
	}
	if _, said := own[identity.ClaimsKey]; !said && held[identity.ClaimsKey] != nil {
		own[identity.ClaimsKey] = held[identity.ClaimsKey]
	}
	return fields, nil
}

// withClaims puts the list into metadata; an empty one takes the narrowing away.
func withClaims(fields, own map[string]any, list []string) map[string]any {
	metadata := map[string]any{}
	maps.Copy(metadata, own)
	delete(metadata, identity.ClaimsKey)
	if len(list) > 0 {
		metadata[identity.ClaimsKey] = list
	}
	fields["metadata"] = metadata
	return fields
}
