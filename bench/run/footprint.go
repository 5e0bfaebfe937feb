package run

import (
	"context"

	"example.com/identityd/bench/footprint"
	"example.com/identityd/bench/report"
)

// footprintGoals are those of issue F for what has no load, as ratios to the official side.
func footprintGoals() map[string]float64 {
	return map[string]float64{
		"idle/rss": 0.4, "warm_postgres/ready": 0.8, "warm_sqlite/ready": 0.8, "first_sqlite/ready": 0.5,
		// Megabytes of our own, whatever the others take.
		"idle/anonymous": 40,
	}
}

// footprint measures starts, memory and sizes. It comes first, while nothing else is in anybody's memory.
func (b *Bench) footprint(ctx context.Context) error {
	if b.Starts == 0 {
		return nil
	}
	goals := footprintGoals()
	return footprint.Measure(ctx, footprint.Config{
		Sides: b.Sides, Postgres: b.Postgres, Dir: b.Dir, Rounds: b.Starts, Idle: b.Idle, Log: b.Log,
		Put: func(v footprint.Value) {
			b.File.Add(report.Measure{
				Group: report.Footprint, Row: v.Row, Kind: v.Kind, Title: v.Title, Unit: v.Unit, Exact: v.Exact,
				Goal: goals[v.Row+"/"+v.Kind], Absolute: v.Row+"/"+v.Kind == "idle/anonymous",
			}, v.Side, v.Value)
		},
	})
}
