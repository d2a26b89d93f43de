package main

func main() {
	used, unused := 1, 2
	println(used)
label:
}
