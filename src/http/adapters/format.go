// Command format formats Go files as gofmt does. Given the paths of the standard library's packages, it first adds the
// imports that a file lacks and removes those that it does not use.
//
//	format [PACKAGE,PACKAGE...] < FILES
//
// Each file is a line with its name and its length in bytes, and then so many bytes.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path"
	"sort"
	"strconv"
	"strings"
)

type file struct {
	name string
	text []byte
}

func main() {
	files := read(bufio.NewReader(os.Stdin))
	var packages []string
	if len(os.Args) > 1 {
		packages = strings.Split(os.Args[1], ",")
	}
	declared := declaredByFolder(files)
	done := []string{}
	for _, f := range files {
		text, err := f.text, error(nil)
		if packages != nil {
			text, err = withImports(f, packages, declared[path.Dir(f.name)])
		}
		if err == nil {
			text, err = format.Source(text)
		}
		if err != nil {
			say(map[string]any{"error": f.name + ":" + err.Error()})
			return
		}
		done = append(done, string(text))
	}
	say(map[string]any{"files": done})
}

func say(what any) {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	check(out.Encode(what))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "format:", err)
		os.Exit(2)
	}
}

func read(in *bufio.Reader) (files []file) {
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return files
		}
		check(err)
		name, length, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		size, err := strconv.Atoi(length)
		check(err)
		text := make([]byte, size)
		_, err = io.ReadFull(in, text)
		check(err)
		files = append(files, file{name, text})
	}
}

// declaredByFolder tells, for each folder, which names its files declare: these are no packages.
func declaredByFolder(files []file) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, f := range files {
		folder := path.Dir(f.name)
		if all[folder] == nil {
			all[folder] = map[string]bool{}
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), "", f.text, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, declaration := range parsed.Decls {
			switch declaration := declaration.(type) {
			case *ast.FuncDecl:
				if declaration.Recv == nil {
					all[folder][declaration.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range declaration.Specs {
					switch spec := spec.(type) {
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							all[folder][name.Name] = true
						}
					case *ast.TypeSpec:
						all[folder][spec.Name.Name] = true
					}
				}
			}
		}
	}
	return all
}

// withImports mends the imports of a file.
func withImports(f file, packages []string, declared map[string]bool) ([]byte, error) {
	set := token.NewFileSet()
	// The first error, without a name, as format.Source has it.
	parsed, err := parser.ParseFile(set, "", f.text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	// What is selected from each name that nothing in the file declares: golang.org/x/tools calls them references.
	used := map[string]map[string]bool{}
	unresolved := map[*ast.Ident]bool{}
	for _, name := range parsed.Unresolved {
		unresolved[name] = true
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok && unresolved[x] && !declared[x.Name] {
				if used[x.Name] == nil {
					used[x.Name] = map[string]bool{}
				}
				used[x.Name][selector.Sel.Name] = true
			}
		}
		return true
	})
	isStandard := map[string]bool{}
	for _, p := range packages {
		isStandard[p] = true
	}
	imported := map[string]bool{}
	unwanted := map[*ast.ImportSpec]bool{}
	for _, spec := range parsed.Imports {
		importPath, _ := strconv.Unquote(spec.Path.Value)
		name := nameOf(importPath)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		isKept := name == "_" || name == "." || importPath == "C" || used[name] != nil
		// Of a package that is not Go's own the name is a guess, unless it is written.
		if isKept || spec.Name == nil && !isStandard[importPath] {
			imported[name] = true
			continue
		}
		unwanted[spec] = true
	}
	var wanted []string
	for name, selected := range used {
		if found := find(name, selected, packages); !imported[name] && found != "" {
			wanted = append(wanted, found)
		}
	}
	if len(wanted) == 0 && len(unwanted) == 0 {
		return f.text, nil
	}
	sort.Strings(wanted)
	return rewrite(set, parsed, f.text, unwanted, wanted), nil
}

// nameOf is the name of a package of the standard library, by its path: the last part that is no version.
func nameOf(importPath string) string {
	base := path.Base(importPath)
	if _, err := strconv.Atoi(strings.TrimPrefix(base, "v")); err == nil && strings.HasPrefix(base, "v") {
		return path.Base(path.Dir(importPath))
	}
	return base
}

// Where several packages have one name, these are what only the second of a pair declares.
var onlyIn = []struct {
	path  string
	names string
}{
	{"crypto/rand", "Prime Read Reader Text"},
	{"math/rand/v2", "ChaCha8 Int32 Int32N Int64 Int64N IntN N NewChaCha8 NewPCG PCG Uint Uint32N Uint64N UintN"},
	{"html/template", "CSS HTML HTMLAttr JS JSStr Srcset URL"},
	{"runtime/pprof", "Lookup NewProfile Profile Profiles StartCPUProfile StopCPUProfile WriteHeapProfile Do Labels WithLabels SetGoroutineLabels"},
	{"text/scanner", "GoTokens GoWhitespace ScanIdents ScanInts ScanFloats ScanChars ScanStrings ScanComments SkipComments TokenString"},
	{"go/scanner", "Error ErrorList ErrorHandler PrintError Mode"},
	{"encoding/json/v2", "MarshalWrite UnmarshalRead MarshalEncode UnmarshalDecode Options JoinOptions"},
}

// What a name stands for when nothing tells.
var usual = map[string]string{
	"rand": "math/rand", "template": "text/template", "pprof": "runtime/pprof", "scanner": "text/scanner", "json": "encoding/json",
	"ast": "go/ast", "parser": "go/parser", "build": "go/build", "version": "go/version", "types": "go/types",
}

// find is the path of the package that is meant by a name, from which these are selected; or nothing.
func find(name string, selected map[string]bool, packages []string) string {
	var named []string
	for _, p := range packages {
		if nameOf(p) == name {
			named = append(named, p)
		}
	}
	for s := range selected {
		if !ast.IsExported(s) {
			return ""
		}
	}
	if len(named) == 0 {
		return ""
	}
	for _, only := range onlyIn {
		for _, p := range named {
			if p != only.path {
				continue
			}
			for _, one := range strings.Fields(only.names) {
				if selected[one] {
					return p
				}
			}
		}
	}
	for _, p := range named {
		if p == usual[name] {
			return p
		}
	}
	sort.Slice(named, func(i, j int) bool {
		return len(named[i]) < len(named[j]) || len(named[i]) == len(named[j]) && named[i] < named[j]
	})
	return named[0]
}

// An edit replaces the bytes from one offset to another.
type edit struct {
	from, to int
	text     string
}

// rewrite takes imports out of the text and puts others in, and leaves the rest as it is: comments stay where they are.
// The order of imports is gofmt's business.
func rewrite(set *token.FileSet, parsed *ast.File, text []byte, unwanted map[*ast.ImportSpec]bool, wanted []string) []byte {
	offset := func(pos token.Pos) int { return set.PositionFor(pos, false).Offset }
	var lines strings.Builder
	for _, p := range wanted {
		fmt.Fprintf(&lines, "\t%q\n", p)
	}
	var edits []edit
	hasPlace := len(wanted) == 0
	for _, declaration := range parsed.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok || general.Tok != token.IMPORT {
			continue
		}
		kept := 0
		isOfC := false
		for _, spec := range general.Specs {
			spec := spec.(*ast.ImportSpec)
			isOfC = isOfC || spec.Path.Value == `"C"`
			if !unwanted[spec] {
				kept++
			}
		}
		if kept == 0 && len(general.Specs) > 0 {
			edits = append(edits, edit{offset(general.Pos()), pastLine(text, offset(general.End())), ""})
			continue
		}
		for _, spec := range general.Specs {
			if unwanted[spec.(*ast.ImportSpec)] {
				edits = append(edits, edit{offset(spec.Pos()), pastLine(text, offset(spec.End())), ""})
			}
		}
		if hasPlace || isOfC {
			continue
		}
		hasPlace = true
		if general.Lparen.IsValid() {
			at := offset(general.Lparen) + 1
			// With a blank line they would be a group of their own.
			edits = append(edits, edit{at, at, "\n" + strings.TrimSuffix(lines.String(), "\n") + lineEnd(text, at)})
		} else {
			from, to := offset(general.Specs[0].Pos()), offset(general.Specs[0].End())
			edits = append(edits, edit{from, to, "(\n" + lines.String() + "\t" + string(text[from:to]) + "\n)"})
		}
	}
	if !hasPlace {
		at := offset(parsed.Name.End())
		at += len(text[at:]) - len(bytes.TrimLeft(text[at:], "; \t"))
		// A comment after the clause stays on its line.
		if bytes.HasPrefix(text[at:], []byte("//")) {
			at = pastLine(text, at)
		}
		block := "\n\nimport (\n" + lines.String() + ")\n"
		if len(wanted) == 1 {
			block = "\n\nimport" + lines.String()
		}
		edits = append(edits, edit{at, at, block})
	}
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].from < edits[j].from })
	var out bytes.Buffer
	last := 0
	for _, e := range edits {
		if e.from < last {
			continue
		}
		out.Write(text[last:e.from])
		out.WriteString(e.text)
		last = e.to
	}
	out.Write(text[last:])
	return out.Bytes()
}

// lineEnd is a line's end, unless there is one already.
func lineEnd(text []byte, at int) string {
	if bytes.HasPrefix(bytes.TrimLeft(text[at:], " \t\r"), []byte("\n")) {
		return ""
	}
	return "\n"
}

// pastLine is the offset after what ends at one: a semicolon, a comment about it, and the end of the line, unless
// something else follows on the line.
func pastLine(text []byte, at int) int {
	line := text[at:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end+1]
	}
	rest := bytes.TrimLeft(line, "; \t\r")
	if len(rest) == 0 || rest[0] == '\n' || bytes.HasPrefix(rest, []byte("//")) {
		return at + len(line)
	}
	return at + len(line) - len(rest)
}
