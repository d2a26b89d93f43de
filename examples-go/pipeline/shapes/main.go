package main

type celsius int

type city struct{ name string }

type river struct{ miles int }

//go:noinline
func last[T any](list []T) T { return list[len(list)-1] }

func main() {
	println(last([]int{7, 42}))
	println(last([]celsius{19, 21}))
	println(last([]string{"a", "z"}))
	println(last([]*city{{"Lyon"}}).name)
	println(last([]*river{{3902}}).miles)
}

// Try this: give last a slice of float64, then one of int32.
