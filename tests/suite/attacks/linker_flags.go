// Asks the linker for a file of the host.
package main

//go:cgo_ldflag "-Wl,-T,/etc/passwd"
//go:cgo_import_dynamic puts puts "/etc/passwd"

func main() {}
