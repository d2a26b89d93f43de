package main

import "fmt"

type celsius float64

func (c celsius) String() string { return fmt.Sprintf("%.1f °C", float64(c)) }

//go:noinline
func toType(v any) (celsius, bool) {
	c, ok := v.(celsius) // want asm "LEAQ type:main.celsius" "CMPQ AX, CX" -"CALL runtime.typeAssert"
	return c, ok
}

//go:noinline
func toInterface(v any) (fmt.Stringer, bool) {
	s, ok := v.(fmt.Stringer) // want asm "main..typeAssert.0" "CALL runtime.typeAssert"
	return s, ok
}

//go:noinline
func pick(v any) string {
	switch v.(type) { // want asm "main..interfaceSwitch.0" "CALL runtime.interfaceSwitch"
	case error:
		return "error"
	case fmt.Stringer:
		return "Stringer"
	}
	return "neither"
}

func main() {
	var v any = celsius(21.5)
	c, _ := toType(v)
	s, _ := toInterface(v)
	fmt.Println(float64(c), s, pick(v), pick(42))
}

// Try this: in toInterface, drop the ok. Which call is made when the type does
// not fit?
