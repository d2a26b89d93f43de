package main

func main() {
	ch := make(chan *int, 1)
	x := 42  // want escape "moved to heap: x"
	ch <- &x // Nobody else ever sees ch.
	println(*<-ch)
}

// Try this: send x instead of &x, over a chan int.
