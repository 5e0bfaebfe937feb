package report

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// The sizes of the plot, in pixels.
const (
	width   = 980.0
	left    = 430.0 // where the axis begins, behind the titles
	right   = 870.0 // where it ends, before the values
	rowHigh = 27.0
	barHigh = 13.0
)

// style takes the colors of whoever looks at it: a page shows the file in light and in dark.
const style = `<style>
svg { --ink: #1f2328; --soft: #59636e; --grid: #d8dee4; --bar: #0a6cbd; --worse: #bc4c00; --goal: #8250df; --ground: #ffffff; font-family: system-ui, -apple-system, "Segoe UI", sans-serif; }
@media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --soft: #9198a1; --grid: #30363d; --bar: #58a6ff; --worse: #f0883e; --goal: #bc8cff; --ground: #0d1117; } }
.ground { fill: var(--ground); } text { fill: var(--ink); font-size: 13px; } .head { font-size: 15px; font-weight: 600; } .soft { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--grid); stroke-width: 1; } .one { stroke: var(--soft); stroke-width: 1.5; } .bar { fill: var(--bar); } .bar.worse { fill: var(--worse); }
.range { stroke: var(--ink); stroke-width: 1.5; } .goal { stroke: var(--goal); stroke-width: 2.5; } .halo { stroke: var(--ground); stroke-width: 6; } .value { font-variant-numeric: tabular-nums; }
</style>
`

// bar is one line of the plot.
type bar struct {
	title string
	Summary
	goal   float64
	higher bool
}

func (b bar) worse() bool {
	if b.higher {
		return b.Median < 1
	}
	return b.Median > 1
}

// Plot draws the ratios.
func (f *File) Plot(name string) error {
	return replace(name, []byte(f.svg()))
}

func (f *File) svg() string {
	var body strings.Builder
	y := 34.0
	for _, p := range []struct {
		group, kind, head, note string
	}{
		{Speed, "rate", "Operations a second, identityd to the official set-up", "more is better"},
		{Latency, "p99", "p99 at the same rate, identityd to the official set-up", "less is better"},
		{Counts, "statements", "SQL statements of one operation, identityd to the official set-up", "less is better"},
	} {
		if bars := f.bars(p.group, p.kind); len(bars) > 0 {
			y = panel(&body, y, p.head, p.note, bars)
		}
	}
	caption := fmt.Sprintf("Bars: median of the rounds; lines: lowest and highest round; upright marks: goals. %s, commit %s, %d cores.", f.Made.UTC().Format("2006-01-02"), f.Commit,
		f.Machine.Cores)
	fmt.Fprintf(&body, `<text class="soft" x="20" y="%.1f">%s</text>`+"\n", y, html.EscapeString(caption))
	high := y + 18
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img" aria-label="identityd compared with the official set-up">`+"\n",
		width, high, width, high) + style + fmt.Sprintf(`<rect class="ground" width="%.0f" height="%.0f" rx="8"/>`+"\n", width, high) + body.String() + "</svg>\n"
}

func (f *File) bars(group, kind string) []bar {
	var out []bar
	for i := range f.Measures {
		m := &f.Measures[i]
		if m.Group != group || m.Kind != kind {
			continue
		}
		if s, _, ok := m.Ratio(); ok && s.Low > 0 {
			b := bar{m.Title, s, m.Goal, m.Higher}
			if group == Latency {
				b.goal = 0 // it is the line at 1
			}
			out = append(out, b)
		}
	}
	return out
}

// panel draws bars from y on and returns where the next one begins. The axis is logarithmic: half as much is as far from 1 as twice as much.
func panel(b *strings.Builder, y float64, head, note string, bars []bar) float64 {
	low, high := -1, 1
	for _, r := range bars {
		low = min(low, int(math.Floor(math.Log2(r.Low))))
		high = max(high, int(math.Ceil(math.Log2(max(r.High, r.goal)))))
	}
	x := func(v float64) float64 { return left + (math.Log2(v)-float64(low))/float64(high-low)*(right-left) }
	fmt.Fprintf(b, `<text class="head" x="20" y="%.1f">%s</text><text class="soft" x="%.1f" y="%.1f" text-anchor="end">%s</text>`+"\n", y, html.EscapeString(head), width-20, y, note)
	top, bottom := y+16, y+22+rowHigh*float64(len(bars))
	step := 1 + (high-low)/8
	for e := low; e <= high; e++ {
		if (e-low)%step != 0 && e != 0 {
			continue
		}
		class := "grid"
		if e == 0 {
			class = "one"
		}
		v := math.Pow(2, float64(e))
		fmt.Fprintf(b, `<line class="%s" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/><text class="soft" x="%.1f" y="%.1f" text-anchor="middle">%s ×</text>`+"\n",
			class, x(v), x(v), top, bottom, x(v), bottom+16, number(v))
	}
	for i, r := range bars {
		middle := top + 4 + rowHigh*(float64(i)+0.5)
		class := "bar"
		if r.worse() {
			class = "bar worse"
		}
		from, to := min(x(1), x(r.Median)), max(x(1), x(r.Median))
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="end">%s</text>`, left-12, middle+4.5, html.EscapeString(r.title))
		fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"/>`, class, from, middle-barHigh/2, max(to-from, 1), barHigh)
		fmt.Fprintf(b, `<line class="range" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, x(r.Low), x(r.High), middle, middle)
		if r.goal > 0 {
			for _, class := range []string{"halo", "goal"} { // on the bar it is seen by its edge
				fmt.Fprintf(b, `<line class="%s" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, class, x(r.goal), x(r.goal), middle-barHigh/2-3, middle+barHigh/2+3)
			}
		}
		fmt.Fprintf(b, `<text class="value" x="%.1f" y="%.1f" text-anchor="end">%s ×</text>`+"\n", width-20, middle+4.5, number(r.Median))
	}
	return bottom + 52
}
