// Command sections prints the size of an ELF file as `wc -c` does, and its sections as `size -A` of GNU binutils does.
//
//	sections [-json FILE] PROGRAM
package main

import (
	"bufio"
	"debug/elf"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
)

type section struct {
	Name string `json:"name"`
	// In bytes; of those without contents, such as .bss, as loaded.
	Size uint64 `json:"size"`
	Addr uint64 `json:"addr"`
}

func main() {
	asJSON := flag.String("json", "", "a file for the same as JSON")
	flag.Parse()
	name := flag.Arg(0)
	info, err := os.Stat(name)
	check(err)
	file, err := elf.Open(name)
	check(err)
	sections := []section{}
	for _, s := range file.Sections[1:] {
		// As GNU's library has it, tables of names and symbols are no sections.
		isTable := s.Type == elf.SHT_SYMTAB || s.Type == elf.SHT_STRTAB
		if s.Type != elf.SHT_NULL && !(isTable && s.Flags&elf.SHF_ALLOC == 0) {
			sections = append(sections, section{s.Name, s.FileSize, s.Addr})
			if s.Type == elf.SHT_NOBITS {
				sections[len(sections)-1].Size = s.Size
			}
		}
	}
	show(name, info.Size(), sections)
	if *asJSON != "" {
		text, err := json.Marshal(map[string]any{"bytes": info.Size(), "sections": sections})
		check(err)
		check(os.WriteFile(*asJSON, text, 0o666))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "sections:", err)
		os.Exit(2)
	}
}

func show(name string, bytes int64, sections []section) {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	var total, highest uint64
	names := 0
	for _, s := range sections {
		total += s.Size
		highest = max(highest, s.Addr)
		names = max(names, len(s.Name))
	}
	width := func(n uint64, heading string) int { return max(len(strconv.FormatUint(n, 10)), len(heading)) }
	sizes, addrs := width(total, "size"), width(highest, "addr")
	fmt.Fprintf(out, "%d %s\n", bytes, name)
	fmt.Fprintf(out, "%s  :\n%-*s   %*s   %*s\n", name, names, "section", sizes, "size", addrs, "addr")
	for _, s := range sections {
		fmt.Fprintf(out, "%-*s   %*d   %*d\n", names, s.Name, sizes, s.Size, addrs, s.Addr)
	}
	fmt.Fprintf(out, "%-*s   %*d\n\n\n", names, "Total", sizes, total)
}
