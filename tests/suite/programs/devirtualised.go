package main

import "os"

type shape interface{ area() float64 }

type square struct{ side float64 }

func (s square) area() float64 { return s.side * s.side }

type circle struct{ radius float64 }

func (c *circle) area() float64 { return 3 * c.radius * c.radius }

func largest(shapes ...shape) (most float64) {
	for _, s := range shapes {
		most = max(most, s.area())
	}
	return most
}

func main() {
	var known shape = square{2}
	var pointed shape = &circle{1}
	if known.area() > pointed.area() && largest(known, pointed) < 1 {
		os.Exit(1)
	}
}
