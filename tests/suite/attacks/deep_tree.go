// Leaves a tree as deep as it can be made, and as many names as there may be.
package main

import (
	"fmt"
	"os"
)

func main() {
	os.Chdir("/tmp")
	depth := 0
	for ; depth < 2000; depth++ {
		if os.Mkdir("d", 0o755) != nil || os.Chdir("d") != nil {
			break
		}
	}
	fmt.Println(depth)
	var err error
	names := 0
	for ; names < 100_000; names++ {
		if err = os.Symlink("d", fmt.Sprint("/code/s", names)); err != nil {
			break
		}
	}
	fmt.Println(names < 16<<10, err)
}
