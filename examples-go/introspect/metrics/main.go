package main

import (
	"fmt"
	"runtime/metrics"
	"strings"
)

const prefix = "/sched/"

func main() {
	all := metrics.All()
	fmt.Println(len(all), "metrics, those of", prefix)
	for _, d := range all {
		if !strings.HasPrefix(d.Name, prefix) {
			continue
		}
		s := []metrics.Sample{{Name: d.Name}}
		metrics.Read(s)
		fmt.Printf("%-42s %s\n", d.Name, value(s[0].Value))
	}
}

func value(v metrics.Value) string {
	switch v.Kind() {
	case metrics.KindUint64:
		return fmt.Sprint(v.Uint64())
	case metrics.KindFloat64:
		return fmt.Sprint(v.Float64())
	case metrics.KindFloat64Histogram:
		return fmt.Sprintf("histogram of %d buckets", len(v.Float64Histogram().Counts))
	default:
		return "not known to this version of Go"
	}
}

// Try this: print d.Description too. Other prefixes: /gc/, /memory/, /cpu/.
