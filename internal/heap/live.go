package heap

import "runtime/metrics"

// Live is what this process would have if garbage were collected now: what the latest collection left, and what
// Go keeps beside the heap.
func Live() uint64 {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
	}
	metrics.Read(samples)
	var of [6]uint64
	for i, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			of[i] = s.Value.Uint64()
		}
	}
	return of[0] + of[1] - of[2] - of[3] - of[4] - of[5]
}
