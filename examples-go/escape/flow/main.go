package main

type config struct{ limits []*int }

var current config

//go:noinline
func load() {
	max := 10              // want escape "moved to heap: max"
	limits := []*int{&max} // want escape "escapes to heap" escape@why "current = next"
	next := config{limits}
	current = next
}

func main() {
	load()
	println(*current.limits[0])
}

// Try this: delete the line current = next, and put _ = next in its place.
