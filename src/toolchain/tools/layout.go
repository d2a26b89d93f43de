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
	"runtime"
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
	// PointerBytes reach to the end of the last pointer: the collector looks no further.
	PointerBytes int64 `json:"pointer_bytes"`
	// Block is what the runtime takes for one on the heap, measured. Missing where this machine cannot say.
	Block int64 `json:"block,omitempty"`
	// Declarations are the lines of the fields, in order. Missing where lines cannot be moved, and Fixed says why.
	Declarations []declaration `json:"declarations,omitempty"`
	Fixed        string        `json:"fixed,omitempty"`
	// Positional are literals whose values have no names: they hang on the order of the fields.
	Positional []place `json:"positional,omitempty"`
}

// A field is one field, and the unused bytes that follow it.
type field struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Offset  int64  `json:"offset"`
	Size    int64  `json:"size"`
	Align   int64  `json:"align"`
	Padding int64  `json:"padding"`
	// Fields of a struct within, if it is written here. Their offsets count from its start.
	Fields []field `json:"fields,omitempty"`
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
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
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
	info := &types.Info{
		Defs:      map[*ast.Ident]types.Object{},
		Instances: map[*ast.Ident]types.Instance{},
		Types:     map[ast.Expr]types.TypeAndValue{},
	}
	pkg, _ := config.Check("main", fset, files, info)
	if !ok {
		return nil, false
	}
	source := readSource(fset, files, info)
	return structsOf(fset, pkg, info, source, measure{sizes, arch, pkg, types.RelativeTo(pkg)}), true
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
func structsOf(fset *token.FileSet, pkg *types.Package, info *types.Info, source source, m measure) []structType {
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
	for _, named := range found {
		underlying, ok := named.Underlying().(*types.Struct)
		if !ok || isGeneric(named) {
			continue
		}
		at := fset.PositionFor(named.Obj().Pos(), false)
		one := m.structType(underlying)
		one.Name, one.File, one.Line = types.TypeString(named, m.qualifier), at.Filename, at.Line
		one.Size, one.Align = m.Sizeof(named), m.Alignof(named)
		one.PointerBytes = m.pointerBytes(named)
		if m.arch == runtime.GOARCH {
			one.Block = block(one.Size, one.PointerBytes > 0)
		}
		one.Declarations, one.Fixed = declarations(fset, source.structs[named.Obj()])
		one.Positional = source.positional[named.Obj()]
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
