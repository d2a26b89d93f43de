package main

import (
	"fmt"
	"sort"
)

type account struct{ balance int }

func (a *account) add(n int) { a.balance += n }
func (a account) show() string { return fmt.Sprint(a.balance) }

type byLength []string

func (b byLength) Len() int           { return len(b) }
func (b byLength) Less(i, j int) bool { return len(b[i]) < len(b[j]) }
func (b byLength) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

func main() {
	var a account
	add, show := a.add, account.show
	add(3)
	pointer := (*account).add
	pointer(&a, 4)
	words := byLength{"ccc", "a", "bb"}
	sort.Sort(words)
	fmt.Println(show(a), words)
}
