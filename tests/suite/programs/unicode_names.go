package main

import "fmt"

type Größe struct{ wert int }

func (g *Größe) verdoppelt() *Größe { return &Größe{g.wert * 2} }

func 計算(π float64) *float64 { return &π }

func main() {
	été := []*Größe{{1}, {2}}
	fmt.Println(été[0].verdoppelt().wert, *計算(3.14), "naïve → ok"); ñ := new(int); fmt.Println(ñ)
}
