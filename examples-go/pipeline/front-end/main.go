package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
)

const source = `package shop

const each = 2 * 1.5

func price(n int) float64 { return float64(n)*each + 1 }
`

func main() {
	// Parse: text to a tree. The names in it mean nothing so far.
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "shop.go", source, 0)
	if err != nil {
		fmt.Println("parse:", err)
		return
	}

	// Check: a type for each expression, a value for each constant.
	info := types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	if _, err := new(types.Config).Check("shop", fset, []*ast.File{file}, &info); err != nil {
		fmt.Println("check:", err)
		return
	}

	for n := range ast.Preorder(file) {
		expr, ok := n.(ast.Expr)
		if !ok || info.Types[expr].Type == nil {
			continue
		}
		t := info.Types[expr]
		fmt.Printf("%-15T %-22s %v", n, types.ExprString(expr), t.Type)
		if t.Value != nil {
			fmt.Print(" = ", t.Value)
		}
		fmt.Println()
	}
}

// Try this: in source, leave out a brace; then write n*each instead of
// float64(n)*each. Which of the two steps complains?
