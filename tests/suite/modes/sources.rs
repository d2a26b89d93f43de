//! What the modes are shown.

pub const LOOPS: &str = r#"-- main.go --
package main

type point struct{ x, y int }

//go:noinline
func (p *point) add(q point) { p.x, p.y = p.x+q.x, p.y+q.y }

//go:noinline
func sum(xs []int) (total int) {
	for i := 0; i < len(xs); i++ {
		total += xs[i]
	}
	return total + xs[3]
}

//go:noinline
func first[T any](xs []T) T { return xs[0] }

func main() {
	p := &point{}
	f := func(n int) { p.add(point{n, sum([]int{1, 2, 3, n})}) }
	defer f(first([]int{3}))
	println(p.x)
}
"#;

pub const METHODS: &str = r#"-- main.go --
package main

type box struct{ n int }

//go:noinline
func (b box) Border() int { return b.n }

func main() { println(box{1}.Border()) }
"#;

pub const VET_FINDS: &str = r#"-- main.go --
package main

import (
	"fmt"
	"unsafe"
)

func main() {
	fmt.Printf("%d\n", "text")
	address := uintptr(0)
	fmt.Println(unsafe.Pointer(address + 1))
}
"#;

pub const UNFORMATTED: &str = r#"-- main.go --
package main
func main(){
x:=1
_ = x }
-- main_test.go --
package main
-- sub/b.go --
package   sub
"#;

/// What is tested and measured.
macro_rules! sum {
    () => {
        r#"-- main.go --
package main

func sum(xs ...int) (total int) {
	for _, x := range xs {
		total += x
	}
	return total
}

func main() { println(sum(1, 2)) }
"#
    };
}

pub const TESTS: &str = concat!(
    sum!(),
    r#"-- main_test.go --
package main

import "testing"

func TestSum(t *testing.T) {
	t.Run("two", func(t *testing.T) {
		if sum(1, 2) != 3 {
			t.Fatal("wrong")
		}
	})
	t.Run("none", func(t *testing.T) { t.Skip("later") })
}

func TestOther(t *testing.T) { t.Log("a note") }
"#
);

pub const BAD_TESTS: &str = r#"-- main.go --
package main

func main() {}
-- main_test.go --
package main

import "testing"

func TestGood(t *testing.T) {}

func TestBad(t *testing.T) { t.Errorf("got %d", 1) }
"#;

pub const BENCHMARKS: &str = concat!(
    sum!(),
    r#"-- main_test.go --
package main

import "testing"

var sink *[64]int

func TestNotRun(t *testing.T) { t.Fatal("a test was run") }

func BenchmarkSum(b *testing.B) {
	for b.Loop() {
		sum(1, 2, 3)
	}
}

func BenchmarkAllocates(b *testing.B) {
	for b.Loop() {
		sink = new([64]int)
	}
}
"#
);
