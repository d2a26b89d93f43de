package main

type user struct{ name string }

// newUser hands its caller the address of u. The frame of newUser is gone by
// then, so u cannot live in it.
//
//go:noinline
func newUser(name string) *user {
	u := user{name} // want escape "moved to heap: u" asm "CALL runtime.(newobject|mallocgc)"
	return &u
}

// makeUser hands its caller a copy. Nobody points into its frame.
//
//go:noinline
func makeUser(name string) user {
	u := user{name} // want escape -"moved to heap" asm -"CALL runtime"
	return u
}

func main() {
	p := newUser("Ada")
	v := makeUser("Grace")
	println(p.name, v.name)
}

// Try this: in makeUser, write return *&u. An & alone moves nothing.
