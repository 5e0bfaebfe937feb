package count

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Heap is what Go processes allocated since they started.
type Heap struct{ Objects, Bytes float64 }

// HeapOf adds up what the processes say at their addresses of metrics. Asking allocates, too.
func HeapOf(ctx context.Context, client *http.Client, addresses map[string]string) (Heap, error) {
	var sum Heap
	for name, address := range addresses {
		found := 0
		err := metrics(ctx, client, address, func(metric string, v float64) {
			switch metric {
			case "go_memstats_mallocs_total":
				sum.Objects += v
				found++
			case "go_memstats_alloc_bytes_total":
				sum.Bytes += v
				found++
			}
		})
		if err == nil && found != 2 {
			err = fmt.Errorf("got %d of two metrics of the heap", found)
		}
		if err != nil {
			return Heap{}, fmt.Errorf("reading the metrics of %s: %w", name, err)
		}
	}
	return sum, nil
}

func metrics(ctx context.Context, client *http.Client, address string, see func(string, float64)) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("got %s", res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			see(name, v)
		}
	}
	return lines.Err()
}
