package stack

import (
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

// buildInfo says what runs. What the build does not tell is unknown, as in tests.
func buildInfo(version string) prometheus.Collector {
	labels := prometheus.Labels{"version": version, "go": runtime.Version(), "hydra": "unknown", "kratos": "unknown", "revision": "unknown"}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			switch m.Path {
			case "github.com/ory/hydra/v2":
				labels["hydra"] = m.Version
			case "github.com/ory/kratos":
				labels["kratos"] = m.Version
			}
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				labels["revision"] = s.Value
			}
		}
	}
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "identityd_build_info", Help: "Always 1; what runs is in the labels: the version, Go, both engines and the commit.", ConstLabels: labels,
	})
	g.Set(1)
	return g
}
