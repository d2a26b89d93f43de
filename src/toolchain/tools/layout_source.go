package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A declaration is one line of fields, or several: `a, b int` are two fields. Comments that belong to it count.
type declaration struct {
	Line    int `json:"line"`
	EndLine int `json:"end_line"`
	Fields  int `json:"fields"`
}

type place struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// A source is what the text says of types, by the names that it declares.
type source struct {
	structs    map[types.Object]*ast.StructType
	positional map[types.Object][]place
}

func readSource(fset *token.FileSet, files []*ast.File, info *types.Info) source {
	found := source{map[types.Object]*ast.StructType{}, map[types.Object][]place{}}
	see := func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.TypeSpec:
			if written, ok := ast.Unparen(node.Type).(*ast.StructType); ok {
				found.structs[info.Defs[node.Name]] = written
			}
		case *ast.CompositeLit:
			if len(node.Elts) == 0 {
				break
			}
			if _, ok := node.Elts[0].(*ast.KeyValueExpr); ok {
				break
			}
			of := types.Unalias(info.TypeOf(node))
			if pointer, ok := of.(*types.Pointer); ok {
				of = types.Unalias(pointer.Elem())
			}
			named, ok := of.(*types.Named)
			if ok {
				at := fset.PositionFor(node.Pos(), false)
				found.positional[named.Obj()] = append(found.positional[named.Obj()], place{at.Filename, at.Line})
			}
		}
		return true
	}
	for _, file := range files {
		ast.Inspect(file, see)
	}
	return found
}

// declarations tells which lines are moved to give a struct's fields another order, or why none can be.
func declarations(fset *token.FileSet, written *ast.StructType) ([]declaration, string) {
	if written == nil {
		return nil, "its fields are declared with another type"
	}
	line := func(at token.Pos) int { return fset.PositionFor(at, false).Line }
	var found []declaration
	last := line(written.Fields.Opening)
	for _, f := range written.Fields.List {
		one := declaration{line(f.Pos()), line(f.End()), max(1, len(f.Names))}
		if f.Doc != nil {
			one.Line = line(f.Doc.Pos())
		}
		if f.Comment != nil {
			one.EndLine = line(f.Comment.End())
		}
		if one.Line <= last {
			return nil, "some of its fields share a line"
		}
		last = one.EndLine
		found = append(found, one)
	}
	if len(found) > 0 && last >= line(written.Fields.Closing) {
		return nil, "some of its fields share a line"
	}
	return found, ""
}
