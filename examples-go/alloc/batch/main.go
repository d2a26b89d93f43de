package main

type item struct{ price, stock, sold, back, shelf int } // 40 bytes

const n = 1000

// oneByOne allocates each item for itself.
func oneByOne() []*item {
	items := make([]*item, n)
	for i := range items {
		items[i] = new(item)
	}
	return items
}

// together allocates all items at once.
func together() []*item {
	items := make([]*item, n)
	block := make([]item, n)
	for i := range items {
		items[i] = &block[i]
	}
	return items
}

func main() {
	println(len(oneByOne()), len(together()))
}

// Try this: remove one field. Which of the two takes less memory now?
