package main

import (
	"bytes"
	"fmt"
	"runtime/trace"
	"time"
)

func main() {
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: time.Second})
	if err := recorder.Start(); err != nil {
		panic(err)
	}
	defer recorder.Stop()

	for n := range 50 {
		start := time.Now()
		handle(n)
		if time.Since(start) < 150*time.Millisecond {
			continue
		}
		var snapshot bytes.Buffer
		if _, err := recorder.WriteTo(&snapshot); err != nil {
			panic(err)
		}
		fmt.Printf("request %d was slow: kept %d bytes of %q\n",
			n, snapshot.Len(), snapshot.Bytes()[:13])
		return
	}
}

// handle takes a millisecond, and once much longer.
func handle(n int) {
	if n == 33 {
		time.Sleep(200 * time.Millisecond)
	}
	time.Sleep(time.Millisecond)
}

// Try this: on your own machine, write the snapshot to a file and open it with
// go tool trace.
