//go:debug panicnil=1
package main

import (
	"fmt"
	"runtime/debug"
)

func main() {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		fmt.Println("built without the go command")
		return
	}
	fmt.Println("go       ", info.GoVersion)
	fmt.Println("package  ", info.Path)
	for _, setting := range info.Settings {
		fmt.Printf("%-14s = %s\n", setting.Key, setting.Value)
	}
}

// Try this: remove the first line. Then write asynctimerchan=1 there, which is
// no more since 1.27. Which of the steps complains?
