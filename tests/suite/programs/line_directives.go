package main

import "fmt"

//line other.go:100
func one() *int { return new(int) }

//line /etc/shadow:7
func two() *int { return new(int) }

//line generated.y:10:5
func three() *int { return new(int) }

func main() {
	/*line here.go:1:1*/ fmt.Println(one(), two(), three())
//line :9
	fmt.Println(/*line /proc/self/environ:3*/ new(int))
}
