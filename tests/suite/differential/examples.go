// Examples prints the examples of the standard library as whole programs, a JSON object a line.
//
// It is run as `go run examples.go GOROOT/src`.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A program is what go/doc makes of one example.
type program struct {
	Name string `json:"name"`
	// Whether the example was a whole file, with types or functions beside it.
	Whole bool `json:"whole"`
	// Whether Go's own tests compare what it prints. Where they do not care for the order, it is not told apart here.
	Output bool   `json:"output"`
	Source string `json:"source"`
}

func main() {
	if err := printAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func printAll(root string) error {
	encoder := json.NewEncoder(os.Stdout)
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		switch entry.Name() {
		case "cmd", "internal", "testdata", "vendor":
			return filepath.SkipDir
		}
		return printFolder(encoder, root, path)
	})
}

func printFolder(encoder *json.Encoder, root, folder string) error {
	names, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil || len(names) == 0 {
		return err
	}
	importPath, err := filepath.Rel(root, folder)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		// Examples beside the package's own code may use what is not exported.
		if strings.HasSuffix(file.Name.Name, "_test") {
			files = append(files, file)
		}
	}
	for _, example := range doc.Examples(files...) {
		if example.Play == nil {
			continue
		}
		var source strings.Builder
		if err := format.Node(&source, set, example.Play); err != nil {
			return err
		}
		_, whole := example.Code.(*ast.File)
		name := filepath.ToSlash(importPath) + ".Example" + example.Name
		if err := encoder.Encode(program{
			Name: name, Whole: whole, Output: example.Output != "" && !example.Unordered, Source: source.String(),
		}); err != nil {
			return err
		}
	}
	return nil
}
