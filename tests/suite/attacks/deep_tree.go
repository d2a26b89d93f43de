// Leaves a tree as deep as it can be made, as many names as there may be, and folders that cannot be looked into.
package main

import (
	"fmt"
	"os"
)

func main() {
	code, _ := os.Getwd()
	os.Chdir(os.TempDir())
	for _, mode := range []os.FileMode{0, 0o100, 0o300, 0o500} {
		folder := fmt.Sprintf("locked-%o", mode)
		os.Mkdir(folder, mode)
		os.MkdirAll(folder+"-sticky", 0o777|os.ModeSticky)
		os.WriteFile(folder+"-sticky/file", nil, 0)
		os.Mkdir(folder+"/inner", mode)
		os.WriteFile(folder+"/file", []byte("x"), 0)
	}
	depth := 0
	for ; depth < 2000; depth++ {
		if os.Mkdir("d", 0o755) != nil || os.Chdir("d") != nil {
			break
		}
	}
	fmt.Println(depth)
	var err error
	names := 0
	for ; names < 17_000; names++ {
		if err = os.Symlink("d", fmt.Sprint(code, "/s", names)); err != nil {
			break
		}
	}
	err = shorter(err)
	fmt.Println(names < 16<<10, err)
	fmt.Println("folder:", os.TempDir())
}

// Without the name of the link.
func shorter(err error) error {
	if link, ok := err.(*os.LinkError); ok {
		return link.Err
	}
	return err
}
