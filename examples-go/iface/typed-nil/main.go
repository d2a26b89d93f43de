package main

import "fmt"

type badInput struct{ field string }

func (e *badInput) Error() string { return "bad " + e.field }

// check forgets that a nil *badInput is still a *badInput.
func check(name string) error {
	var err *badInput
	if name == "" {
		err = &badInput{"name"}
	}
	return err
}

func main() {
	err := check("Ada")
	fmt.Println("err == nil:             ", err == nil)
	fmt.Println("err == (*badInput)(nil):", err == (*badInput)(nil))
	fmt.Printf("type and value:          %T, %#v\n", err, err)
}

// Try this: declare err as error in check.
