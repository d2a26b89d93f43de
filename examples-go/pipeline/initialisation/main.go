package main

var primes = [...]int{2, 3, 5, 7} // Known while compiling: data.

var total = sum(primes[:]) // Depends on primes: code.

var roman = map[int]string{1: "I", 5: "V"} // A map: code.

//go:noinline
func sum(list []int) (n int) {
	for _, p := range list {
		n += p
	}
	return n
}

func init() { println("init:", total) }

func main() { println("main:", total, roman[5]) }

// Try this: in place of the call, write 2 + 3 + 5 + 7. Is there code for total?
