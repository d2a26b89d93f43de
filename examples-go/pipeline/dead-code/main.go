package main

type box struct{ w, h int }

func (b box) Area() int { return b.w * b.h }

func (b box) Border() int { return 2 * (b.w + b.h) }

//go:noinline
func used() int { return box{6, 7}.Area() }

//go:noinline
func unused() int { return box{6, 7}.Border() }

func main() { println(used()) }

// Try this: call unused in main, behind if len(os.Args) > 5.
