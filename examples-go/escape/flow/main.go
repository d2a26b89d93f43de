package main

type config struct{ limits []*int }

var current config

//go:noinline
func load() {
	max := 10
	limits := []*int{&max}
	next := config{limits}
	current = next
}

func main() {
	load()
	println(*current.limits[0])
}

// Try this: delete the line current = next, and put _ = next in its place.
