package main

func main() {
	var onStack [1 << 10]byte
	var tooLarge [11 << 20]byte
	implicit := make([]byte, 65*1024)
	small := make([]byte, 64)
	pointer := &[1 << 17]byte{}
	n := len(small)
	variable := make([]int, n)
	println(onStack[n], tooLarge[n], implicit[n], pointer[n], len(variable))
}
