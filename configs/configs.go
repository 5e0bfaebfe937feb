package configs

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml *.json
var files embed.FS

// FS returns the files by name, such as stack.yaml and identity.email-v1.schema.json.
func FS() fs.FS { return files }
