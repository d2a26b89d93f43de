// Command layout prints sizes, offsets and padding of the struct types that a package declares, as Go's own type
// checker computes them for the compiler "gc".
//
//	layout -arch GOARCH -importcfg FILE [-json FILE] FILE.go...
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"sort"
	"strings"
)

// A structType is a struct type with its layout. All sizes and offsets are in bytes.
type structType struct {
	Name    string  `json:"name"`
	File    string  `json:"file"`
	Line    int     `json:"line"`
	Size    int64   `json:"size"`
	Align   int64   `json:"align"`
	Padding int64   `json:"padding"`
	Fields  []field `json:"fields"`
}

// A field is one field, and the unused bytes that follow it.
type field struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Offset  int64  `json:"offset"`
	Size    int64  `json:"size"`
	Align   int64  `json:"align"`
	Padding int64  `json:"padding"`
}

func main() {
	arch := flag.String("arch", "amd64", "GOARCH")
	importcfg := flag.String("importcfg", "", "where compiled packages are")
	asJSON := flag.String("json", "", "a file for the same as JSON")
	flag.Parse()
	structs, ok := read(*arch, *importcfg, flag.Args())
	if !ok {
		os.Exit(1)
	}
	show(*arch, structs)
	if *asJSON != "" {
		text, err := json.Marshal(map[string]any{"arch": *arch, "structs": structs})
		if err == nil {
			err = os.WriteFile(*asJSON, text, 0o666)
		}
		check(err)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "layout:", err)
		os.Exit(2)
	}
}

func read(arch, importcfg string, names []string) ([]structType, bool) {
	fset := token.NewFileSet()
	var files []*ast.File
	ok := true
	for _, name := range names {
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution|parser.AllErrors)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			ok = false
		}
		files = append(files, file)
	}
	if !ok {
		return nil, false
	}
	packages, err := readImportcfg(importcfg)
	check(err)
	lookup := func(path string) (io.ReadCloser, error) {
		file, ok := packages[path]
		if !ok {
			return nil, fmt.Errorf("package %s is not in std", path)
		}
		return os.Open(file)
	}
	sizes := types.SizesFor("gc", arch)
	if sizes == nil {
		check(fmt.Errorf("Go's compiler has no architecture %q", arch))
	}
	config := types.Config{
		Importer: importer.ForCompiler(fset, "gc", lookup),
		Sizes:    sizes,
		Error: func(err error) {
			fmt.Fprintln(os.Stderr, err)
			ok = false
		},
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Instances: map[*ast.Ident]types.Instance{}}
	pkg, _ := config.Check("main", fset, files, info)
	if !ok {
		return nil, false
	}
	return structsOf(fset, pkg, info, sizes), true
}

// readImportcfg reads lines such as `packagefile fmt=/a/b`.
func readImportcfg(name string) (map[string]string, error) {
	packages := map[string]string{}
	if name == "" {
		return packages, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "packagefile "); ok {
			path, file, _ := strings.Cut(rest, "=")
			packages[path] = file
		}
	}
	return packages, lines.Err()
}

// structsOf lists declared struct types and the instances that are used of generic ones, in the order of the source.
func structsOf(fset *token.FileSet, pkg *types.Package, info *types.Info, sizes types.Sizes) []structType {
	var found []*types.Named
	for _, object := range info.Defs {
		name, ok := object.(*types.TypeName)
		if !ok {
			continue
		}
		if named, ok := name.Type().(*types.Named); ok && !name.IsAlias() && named.TypeParams().Len() == 0 {
			found = append(found, named)
		}
	}
	seen := map[string]bool{}
	for _, instance := range info.Instances {
		named, ok := instance.Type.(*types.Named)
		if ok && named.Obj().Pkg() == pkg && !seen[named.String()] {
			seen[named.String()] = true
			found = append(found, named)
		}
	}
	structs := []structType{}
	position := map[string]token.Position{}
	qualifier := types.RelativeTo(pkg)
	for _, named := range found {
		underlying, ok := named.Underlying().(*types.Struct)
		if !ok || isGeneric(named) {
			continue
		}
		at := fset.PositionFor(named.Obj().Pos(), false)
		name := types.TypeString(named, qualifier)
		position[name] = at
		one := layout(underlying, sizes, qualifier)
		one.Name, one.File, one.Line = name, at.Filename, at.Line
		one.Size, one.Align = sizes.Sizeof(named), sizes.Alignof(named)
		structs = append(structs, one)
	}
	sort.Slice(structs, func(i, j int) bool {
		a, b := structs[i], structs[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Name < b.Name
	})
	return structs
}

// isGeneric tells whether a type's size hangs on type parameters.
func isGeneric(t types.Type) bool {
	seen := map[types.Type]bool{}
	var walk func(types.Type) bool
	walk = func(t types.Type) bool {
		if seen[t] {
			return false
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.TypeParam:
			return true
		case *types.Named:
			for arg := range t.TypeArgs().Types() {
				if walk(arg) {
					return true
				}
			}
			return walk(t.Underlying())
		case *types.Struct:
			for field := range t.Fields() {
				if walk(field.Type()) {
					return true
				}
			}
		case *types.Array:
			return walk(t.Elem())
		case *types.Pointer:
			return walk(t.Elem())
		case *types.Slice:
			return walk(t.Elem())
		case *types.Map:
			return walk(t.Key()) || walk(t.Elem())
		case *types.Chan:
			return walk(t.Elem())
		}
		return false
	}
	return walk(t)
}

func layout(t *types.Struct, sizes types.Sizes, qualifier types.Qualifier) structType {
	result := structType{Fields: []field{}}
	vars := make([]*types.Var, t.NumFields())
	for i := range vars {
		vars[i] = t.Field(i)
	}
	offsets := sizes.Offsetsof(vars)
	end := sizes.Sizeof(t)
	for i := len(vars) - 1; i >= 0; i-- {
		size := sizes.Sizeof(vars[i].Type())
		name := vars[i].Name()
		if vars[i].Embedded() {
			name = ""
		}
		padding := end - offsets[i] - size
		result.Padding += padding
		result.Fields = append(result.Fields, field{
			Name: name, Type: types.TypeString(vars[i].Type(), qualifier),
			Offset: offsets[i], Size: size, Align: sizes.Alignof(vars[i].Type()), Padding: padding,
		})
		end = offsets[i]
	}
	for i, j := 0, len(result.Fields)-1; i < j; i, j = i+1, j-1 {
		result.Fields[i], result.Fields[j] = result.Fields[j], result.Fields[i]
	}
	return result
}

func show(arch string, structs []structType) {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	if len(structs) == 0 {
		fmt.Fprintln(out, "no struct types are declared here")
	}
	for i, s := range structs {
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%s:%d: %s on %s: size %d, align %d, padding %d\n",
			s.File, s.Line, s.Name, arch, s.Size, s.Align, s.Padding)
		fmt.Fprintf(out, "%8s %8s %6s  field\n", "offset", "size", "align")
		for _, f := range s.Fields {
			fmt.Fprintf(out, "%8d %8d %6d  %s\n", f.Offset, f.Size, f.Align, strings.TrimSpace(f.Name+" "+f.Type))
			if f.Padding > 0 {
				fmt.Fprintf(out, "%8d %8d %6s  (padding)\n", f.Offset+f.Size, f.Padding, "")
			}
		}
	}
}
