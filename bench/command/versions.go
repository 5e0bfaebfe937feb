package command

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// versions are those of what was measured, and what it was measured with.
func versions(ctx context.Context, root, postgres, node string) map[string]string {
	out := map[string]string{
		"Go": strings.TrimPrefix(runtime.Version(), "go"), "PostgreSQL": postgres, "Node": strings.TrimPrefix(said(ctx, "", node, "--version"), "v"),
	}
	for name, module := range map[string]string{"Hydra": "github.com/ory/hydra/v2", "Kratos": "github.com/ory/kratos"} {
		out[name] = required(filepath.Join(root, "go.mod"), module)
	}
	out["vegeta"] = required(filepath.Join(root, "bench", "go.mod"), "github.com/tsenart/vegeta/v12")
	return out
}

func required(file, module string) string {
	raw, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	m := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(module) + `\s+v(\S+)`).FindSubmatch(raw)
	if m == nil {
		return "unknown"
	}
	return string(m[1])
}
