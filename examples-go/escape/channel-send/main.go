package main

func main() {
	ch := make(chan *int, 1)
	x := 42
	ch <- &x // Nobody else ever sees ch.
	println(*<-ch)
}

// Try this: send x instead of &x, over a chan int.
