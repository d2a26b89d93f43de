/**
 * A program that counts what a reader's program allocates. The reader's `main` gets another name of
 * the same length, so that every line and column stays what it was. A second file has the program
 * record each allocation (runtime.MemProfile), calls the reader's `main`, and writes the records as
 * lines of JSON, each after a mark that is another one for each run.
 */
import { parser } from "@lezer/go";
import { join, parts } from "../../txtar.ts";

/** A program that counts. */
export interface Counting {
  /** Several files in txtar form. */
  source: string;
  /** The name that the reader's `main` has in it. */
  renamed: string;
  /** Begins each line of the report. */
  mark: string;
}

/** The file whose variables are set before all others: files are taken in the order of their names. */
export const ownFile = "0.go";

/** The program that counts, or null where there is no `func main()` or nothing to put beside it. `mark` is a word of letters and digits. */
export function counting(source: string, mark: string): Counting | null {
  const files = parts(source);
  if (files.some(({ name }) => name === ownFile)) return null;
  const renamed = freeName(source);
  let found = false;
  const changed = files.map(({ name, text }) => {
    if (!/^[^/]+(?<!_test)\.go$/.test(name)) return { name, text };
    const places = namesOfMain(text);
    found ||= places.hasMain;
    return { name, text: places.offsets.reduce((text, at) => put(text, at, renamed), text) };
  });
  if (!found || renamed === "") return null;
  return {
    source: join([{ name: ownFile, text: program(renamed, mark) }, ...changed]),
    renamed,
    mark,
  };
}

/** Where a file names `main`, as a function or a variable, and whether it declares the function. */
function namesOfMain(text: string): { offsets: number[]; hasMain: boolean } {
  const offsets: number[] = [];
  let hasMain = false;
  parser.parse(text).iterate({
    enter: ({ name, from, to, node }) => {
      if (name !== "DefName" && name !== "VariableName") return;
      if (text.slice(from, to) !== "main" || node.parent?.name === "PackageClause") return;
      offsets.push(from);
      hasMain ||= node.parent?.name === "FunctionDecl" && node.parent.parent?.name === "SourceFile";
    },
  });
  return { offsets, hasMain };
}

function put(text: string, at: number, name: string): string {
  return text.slice(0, at) + name + text.slice(at + name.length);
}

/** A name as long as `main` that the source has nowhere. */
function freeName(source: string): string {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  for (const a of letters)
    for (const b of letters) {
      const name = `m${a}${b}0`;
      if (!source.includes(name)) return name;
    }
  return "";
}

/**
 * The second file. Its names end in the mark, so that they are no one else's.
 * Objects of less than 16 bytes without pointers share blocks, and only the first of a block is recorded.
 * ReadMemStats empties those blocks and has the others counted.
 */
function program(renamed: string, mark: string): string {
  const text = `package main

import (
	json_X "encoding/json"
	os_X "os"
	runtime_X "runtime"
	metrics_X "runtime/metrics"
	strings_X "strings"
)

var (
	out_X   = os_X.Stdout
	tiny_X  = [1]metrics_X.Sample{{Name: "/gc/heap/tiny/allocs:objects"}}
	first_X = begin_X()
	main_X  func()
)

type frame_X struct {
	Func, File string
	Line       int
	Inlined    bool
}

type record_X struct {
	Objects, Bytes int64
	Frames         []frame_X
}

type end_X struct {
	Returned bool
	Shared   uint64
	Records  int
}

func init() { main_X = ${renamed} }

func begin_X() uint64 {
	metrics_X.Read(tiny_X[:])
	before := shared_X()
	runtime_X.MemProfileRate = 1
	return before
}

func shared_X() uint64 {
	var stats runtime_X.MemStats
	runtime_X.ReadMemStats(&stats)
	metrics_X.Read(tiny_X[:])
	return tiny_X[0].Value.Uint64()
}

func main() {
	returned := false
	defer func() { report_X(returned) }()
	main_X()
	returned = true
}

func report_X(returned bool) {
	runtime_X.MemProfileRate = 0
	shared := shared_X() - first_X
	runtime_X.GC()
	runtime_X.GC()
	n, _ := runtime_X.MemProfile(nil, true)
	records := make([]runtime_X.MemProfileRecord, n+100)
	n, _ = runtime_X.MemProfile(records, true)
	_, own, _, _ := runtime_X.Caller(0)
	folder := own[:strings_X.LastIndex(own, "/")+1]
	said := 0
	for _, record := range records[:n] {
		frames, isOwn := read_X(record.Stack(), folder, own)
		if !isOwn {
			say_X(record_X{record.AllocObjects, record.AllocBytes, frames})
			said++
		}
	}
	say_X(end_X{returned, shared, said})
}

func read_X(stack []uintptr, folder, own string) (told []frame_X, isOwn bool) {
	frames := runtime_X.CallersFrames(stack)
	inside := false
	for more := true; more; {
		var frame runtime_X.Frame
		frame, more = frames.Next()
		file, ok := strings_X.CutPrefix(frame.File, folder)
		if ok && frame.File == own {
			return told, !inside
		}
		told = append(told, frame_X{frame.Function, file, frame.Line, frame.Func == nil})
		if !ok {
			told[len(told)-1].File = ""
		}
		inside = inside || ok
		if inside && frame.Func != nil {
			return told, false
		}
	}
	return nil, false
}

func say_X(what any) {
	line, _ := json_X.Marshal(what)
	out_X.WriteString("\\n${mark}" + string(line) + "\\n")
}
`;
  return text.replaceAll("_X", `_${mark}`);
}
