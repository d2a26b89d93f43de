package main

import "fmt"

func far() (*int, *int) { a := new(int); /* xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx */ b := new(int); return a, b }

func main() {
	fmt.Println("word number 0", "word number 1", "word number 2", "word number 3", "word number 4", "word number 5", "word number 6", "word number 7", "word number 8", "word number 9", "word number 10", "word number 11", "word number 12", "word number 13", "word number 14", "word number 15", "word number 16", "word number 17", "word number 18", "word number 19", "word number 20", "word number 21", "word number 22", "word number 23", "word number 24", "word number 25", "word number 26", "word number 27", "word number 28", "word number 29", new(int))
	fmt.Println(far())
}
