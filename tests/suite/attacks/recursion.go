// Recurses without end.
package main

func deeper(n int) int {
	var room [1024]byte
	room[n%1024] = 1
	return deeper(n+1) + int(room[0])
}

func main() { println(deeper(0)) }
