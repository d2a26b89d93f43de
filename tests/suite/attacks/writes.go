// Writes where it may not, links its way out, and runs what it wrote.
package main

import (
	"fmt"
	"os"
	"syscall"
)

func main() {
	for _, name := range []string{"/x", "/etc/x", "/etc/passwd", "/etc/hosts", "/usr/local/go/x", "/dev/x", "/out/x"} {
		if os.WriteFile(name, []byte("x"), 0o644) == nil {
			fmt.Println("wrote", name)
		}
		if os.Chmod(name, 0o777) == nil || os.Remove(name) == nil || os.Mkdir(name+"d", 0o777) == nil {
			fmt.Println("changed", name)
		}
	}
	code, _ := os.Getwd()
	tmp := os.TempDir()
	os.Symlink("/etc", tmp+"/link")
	fmt.Println("through a link:", os.WriteFile(tmp+"/link/x", nil, 0o644) != nil)
	for _, folder := range []string{code, tmp} {
		fmt.Println("own folder:", os.WriteFile(folder+"/x", []byte("#!/code/x\n"), 0o755))
		fmt.Println("exec:", syscall.Exec(folder+"/x", []string{"x"}, nil))
	}
	fmt.Println("setuid bit:", os.Chmod(tmp+"/x", 0o4777) == nil && syscall.Exec(tmp+"/x", nil, nil) == nil)
	null, err := os.OpenFile("/dev/null", os.O_WRONLY, 0)
	fmt.Println("/dev/null:", err)
	null.Close()
	fmt.Println("/dev/null removed:", os.Remove("/dev/null") == nil)
}
