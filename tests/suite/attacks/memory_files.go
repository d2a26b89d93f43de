// Uses memory through anonymous shared maps, which no limit on data counts.
package main

import "syscall"

func main() {
	for {
		data, err := syscall.Mmap(-1, 0, 16<<20, syscall.PROT_READ|syscall.PROT_WRITE,
			syscall.MAP_SHARED|syscall.MAP_ANON)
		if err != nil {
			panic(err)
		}
		for i := 0; i < len(data); i += 4096 {
			data[i] = 1
		}
	}
}
