package run

import (
	"example.com/identityd/bench/ops"
	"example.com/identityd/bench/report"
)

// goals are those of issue F for what has rounds or is counted, as ratios to the official side.
func goals() map[string]float64 {
	return map[string]float64{
		"speed/client_credentials/rate":     3.5,
		"speed/client_credentials_jwt/rate": 5,
		"speed/login/rate":                  4,
		"speed/login_argon2/rate":           4,
		"speed/login_argon2/rss_peak":       0.25,
		"speed/introspection/rate":          1.5,
		"speed/whoami/rate":                 1.5,
		"speed/code_no_hash/rate":           1.5,
		"speed/code_signed_in/rate":         1.5,
		"counts/code/statements":            0.7,
	}
}

func measure(group string, o ops.Operation, kind, unit string) report.Measure {
	m := report.Measure{Group: group, Row: o.Name, Kind: kind, Title: o.Title, Unit: unit, Higher: kind == "rate", Setting: kind == "offered"}
	m.Goal = goals()[m.Key()]
	if group == report.Latency && kind == "p99" {
		m.Goal = 1 // never worse than the official set-up
	}
	return m
}
