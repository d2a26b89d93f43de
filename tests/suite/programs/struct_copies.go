package main

type big struct {
	data [512]int
	name string
	next *big
}

func grown(b big) big {
	b.data[0]++
	return b
}

func (b big) byValue() int    { return b.data[1] }
func (b *big) byPointer() int { return b.data[2] }

func main() {
	one := big{name: "one"}
	two := grown(one)
	two.next = &one
	all := [3]big{one, two, grown(two)}
	for _, b := range all {
		println(b.byValue(), b.byPointer(), b.next != nil)
	}
}
