package main

func main() {
	println("hello")
}

// Try this: import "fmt" and call fmt.Println instead. How many more packages
// are linked, and how much larger is the program?
