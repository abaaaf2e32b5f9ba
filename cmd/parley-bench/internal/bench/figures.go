//go:build linux

package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A figure is one thing that was measured.
type figure struct {
	name  string
	unit  string
	value float64
}

func milliseconds(name string, d time.Duration) figure {
	return figure{name, "ms", float64(d) / float64(time.Millisecond)}
}

// A report is the figures of all rounds.
type report struct {
	rows []row
}

type row struct {
	name, unit string
	values     map[string][]float64 // by target, one for each round
}

func (r *report) add(target string, figures []figure) {
	for _, f := range figures {
		i := slices.IndexFunc(r.rows, func(row row) bool { return row.name == f.name })
		if i < 0 {
			i = len(r.rows)
			r.rows = append(r.rows, row{f.name, f.unit, make(map[string][]float64)})
		}
		r.rows[i].values[target] = append(r.rows[i].values[target], f.value)
	}
}

// ratio returns the median of the rounds' ratios to the baseline: what disturbs a round disturbs both. It is not ok
// without a baseline.
func (r row) ratio() (_ float64, ok bool) {
	var ratios []float64
	for i, base := range r.values[baselineName] {
		if base > 0 && i < len(r.values[parleyName]) {
			ratios = append(ratios, r.values[parleyName][i]/base)
		}
	}
	return median(ratios), len(ratios) > 0
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	values = slices.Sorted(slices.Values(values))
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

func (r *report) writeTable(w io.Writer, b *Bench) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	heading := b.Scenario + "\tparley\t"
	if b.Baseline {
		heading += "baseline\tratio\t"
	}
	fmt.Fprintln(table, heading)
	for _, row := range r.rows {
		fmt.Fprintf(table, "%s\t%s\t", row.title(), number(median(row.values[parleyName])))
		if b.Baseline {
			fmt.Fprintf(table, "%s\t", number(median(row.values[baselineName])))
			if ratio, ok := row.ratio(); ok {
				fmt.Fprintf(table, "%.2f\t", ratio)
			} else {
				fmt.Fprint(table, "-\t")
			}
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

func (r row) title() string {
	if r.unit == "" {
		return r.name
	}
	return r.name + ", " + r.unit
}

func number(v float64) string {
	switch {
	case v >= 100 || v == float64(int64(v)):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func (r *report) writeJSON(w io.Writer, b *Bench) error {
	type figure struct {
		Name     string    `json:"name"`
		Unit     string    `json:"unit,omitempty"`
		Parley   []float64 `json:"parley"`
		Baseline []float64 `json:"baseline,omitempty"`
		Ratio    *float64  `json:"ratio,omitempty"`
	}
	var figures []figure
	for _, row := range r.rows {
		f := figure{Name: row.name, Unit: row.unit, Parley: row.values[parleyName], Baseline: row.values[baselineName]}
		if ratio, ok := row.ratio(); ok {
			f.Ratio = &ratio
		}
		figures = append(figures, f)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{
		"scenario": b.Scenario, "users": b.Users, "rooms": b.Rooms, "speakers": b.Speakers, "rate": b.Rate,
		"size":  b.Size,
		"shout": b.Shout, "mode": b.Mode, "seconds": b.For.Seconds(), "figures": figures,
	})
}
