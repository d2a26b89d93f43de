package main

import (
	"fmt"
	"regexp"
)

// Compiled before main begins, even if nothing ever uses it.
var name = regexp.MustCompile(`^\pL{1,100}$`)

func main() {
	fmt.Println(name.MatchString("Ada"))
}

// Try this: var name = sync.OnceValue(func() *regexp.Regexp { ... }).
