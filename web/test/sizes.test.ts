import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compose,
  composeSymbols,
  NO_PACKAGE,
  OUTSIDE,
  type Part,
  pairs,
  readSections,
  type Sections,
  sharesOf,
} from "../src/pictures/sizes/composition.ts";
import { packageOf, readSymbols } from "../src/pictures/sizes/symbols.ts";
import { type Tile, tilesOf } from "../src/pictures/sizes/treemap.ts";

/** Some of the 2,083 lines that nm of go1.27.3 prints of the example pipeline/steps. */
const nm = `  4f2450     110656 r go:func.*
  532800      93464 B runtime.mheap_
  54da80      69632 B runtime.cgroupScratch
  522c00      11136 D internal/strconv.pow10Tab
  44b060       4714 T runtime.findRunnable
  50d490       2496 r runtime.findfunctab
  522160        568 D runtime.firstmoduledata
  522000        224 D go:buildinfo
  47db00         55 T main.main
  46f5c0         50 t _.goready.func1
  474220         50 t runtime.main.func1
  5257d0         16 D runtime.buildVersion
  47e000          0 r runtime.rodata
                    U missing
`;

/** The artifacts of mode build for the same program, with its symbols and without. */
const full = `{"bytes":1895620,"sections":[{"name":".note.go.buildid","size":100,"addr":4198264},{"name":".note.gnu.build-id","size":36,"addr":4198364},{"name":".text","size":510833,"addr":4198400},{"name":".rodata","size":51522,"addr":4710400},{"name":".gopclntab","size":537864,"addr":4761928},{"name":".go.type","size":78472,"addr":5299792},{"name":".go.func","size":864,"addr":5378264},{"name":".go.buildinfo","size":224,"addr":5382144},{"name":".go.fipsinfo","size":120,"addr":5382368},{"name":".go.module","size":568,"addr":5382496},{"name":".noptrdata","size":13282,"addr":5383072},{"name":".data","size":15090,"addr":5396384},{"name":".bss","size":131704,"addr":5411488},{"name":".noptrbss","size":87432,"addr":5543200},{"name":".debug_abbrev","size":368,"addr":0},{"name":".debug_line","size":137119,"addr":0},{"name":".debug_frame","size":25105,"addr":0},{"name":".debug_gdb_scripts","size":42,"addr":0},{"name":".debug_info","size":245454,"addr":0},{"name":".debug_loclists","size":96462,"addr":0},{"name":".debug_rnglists","size":59485,"addr":0},{"name":".debug_addr","size":4086,"addr":0}]}`;
const stripped = `{"bytes":1220768,"sections":[{"name":".note.go.buildid","size":100,"addr":4198264},{"name":".note.gnu.build-id","size":36,"addr":4198364},{"name":".text","size":510833,"addr":4198400},{"name":".rodata","size":51554,"addr":4710400},{"name":".gopclntab","size":537864,"addr":4761960},{"name":".go.type","size":78472,"addr":5299824},{"name":".go.func","size":864,"addr":5378296},{"name":".go.buildinfo","size":240,"addr":5382144},{"name":".go.fipsinfo","size":120,"addr":5382400},{"name":".go.module","size":568,"addr":5382528},{"name":".noptrdata","size":13282,"addr":5383104},{"name":".data","size":15090,"addr":5396416},{"name":".bss","size":131704,"addr":5411520},{"name":".noptrbss","size":87432,"addr":5543232}]}`;

function sections(text: string): Sections {
  const read = readSections(text);
  assert.ok(read);
  return read;
}

/** Each part is as large as its parts together. */
function checkSums(part: Part): void {
  if (part.parts.length === 0) return;
  assert.equal(
    part.parts.reduce((sum, { size }) => sum + size, 0),
    part.size,
    part.name,
  );
  for (const one of part.parts) checkSums(one);
}

function partOf(whole: Part, ...path: string[]): Part {
  return path.reduce((part, name) => {
    const found = part.parts.find((one) => one.name === name);
    assert.ok(found, `no ${name} in ${part.name}`);
    return found;
  }, whole);
}

test("symbols are read with their addresses, names to the end of the line", () => {
  const symbols = readSymbols(
    `${nm}  51e060        110 T go:struct { encoding.TextAppender }.AppendText\n`,
  );
  assert.equal(symbols.length, 14);
  assert.deepEqual(symbols[4], {
    name: "runtime.findRunnable",
    address: 0x44b060,
    size: 4714,
    letter: "T",
  });
  assert.equal(symbols[13]?.name, "go:struct { encoding.TextAppender }.AppendText");
});

test("packages are those of the symbols' names", () => {
  for (const [name, path] of [
    ["runtime.(*mheap).allocSpan", "runtime"],
    ["internal/runtime/atomic.Load", "internal/runtime/atomic"],
    ["main.last[go.shape.*uint8]", "main"],
    ["main..dict.last[*example%2ecom/a/b.city]", "main"],
    ["gopkg.in/yaml%2ev3.Marshal", "gopkg.in/yaml.v3"],
    ["slices.SortFunc[go.shape.[]encoding/json.field]", "slices"],
    ["go:func.*", null],
    ["type:.eq.[2]interface {}", null],
    ["_rt0_amd64_linux", null],
    ["_.goready.func1", null],
    ["$f64.3ff0000000000000", null],
  ] as const) {
    assert.equal(packageOf(name), path, name);
  }
});

test("the parts of a file are the whole of it, by packages and by sections", () => {
  const file = sections(full);
  const shares = sharesOf(readSymbols(nm), file);
  for (const by of ["packages", "sections"] as const) {
    const whole = compose(shares, file, by);
    assert.equal(whole.size, 1895620);
    checkSums(whole);
    assert.equal(partOf(whole, OUTSIDE).size, 118524);
    assert.equal(partOf(whole, "DWARF", ".debug_info").size, 245454);
  }
  const byPackage = compose(shares, file, "packages");
  assert.equal(partOf(byPackage, "main", "main.main").size, 55);
  assert.equal(partOf(byPackage, "runtime").size, 4714 + 2496 + 568 + 50 + 16);
  assert.equal(partOf(byPackage, NO_PACKAGE).size, 110656 + 224 + 50);
  assert.equal(partOf(byPackage, "rest of .text").size, 510833 - 4714 - 55 - 50 - 50);
  assert.equal(partOf(byPackage, ".go.type").size, 78472);
  const bySection = compose(shares, file, "sections");
  assert.equal(partOf(bySection, ".gopclntab", NO_PACKAGE, "go:func.*").size, 110656);
  assert.equal(partOf(bySection, ".text", "without symbols").size, 510833 - 4714 - 55 - 50 - 50);
});

test("what begins as zero is not in the file", () => {
  const file = sections(full);
  const names = JSON.stringify(compose(sharesOf(readSymbols(nm), file), file, "sections"));
  assert.doesNotMatch(names, /bss|mheap_|cgroupScratch/);
  assert.equal(
    composeSymbols(readSymbols(nm)).size,
    110656 + 11136 + 4714 + 2496 + 568 + 224 + 55 + 50 + 50 + 16,
  );
});

test("a byte that two symbols claim is counted once", () => {
  const file: Sections = { bytes: 100, sections: [{ name: ".text", size: 40, addr: 1000 }] };
  const symbol = (name: string, address: number, size: number) => ({
    name,
    address,
    size,
    letter: "T",
  });
  const shares = sharesOf(
    [
      symbol("a.inner", 1004, 4),
      symbol("a.outer", 1000, 10),
      symbol("a.over", 1008, 6),
      symbol("a.far", 1038, 9),
    ],
    file,
  );
  assert.deepEqual(
    shares.map(({ symbol, bytes }) => [symbol.name, bytes]),
    [
      ["a.outer", 10],
      ["a.over", 4],
    ],
  );
  assert.equal(compose(shares, file, "packages").size, 100);
});

test("of a stripped program, too, the parts are the whole", () => {
  const shares = sharesOf(readSymbols(nm), sections(full));
  const whole = compose(shares, sections(stripped), "packages");
  assert.equal(whole.size, 1220768);
  checkSums(whole);
  assert.equal(partOf(whole, "main", "main.main").size, 55);
  assert.equal(partOf(whole, OUTSIDE).size, 11745);
});

test("two files are compared section by section", () => {
  const rows = pairs(sections(full), sections(stripped));
  const sum = (of: "first" | "second") => rows.reduce((all, row) => all + row[of], 0);
  assert.deepEqual([sum("first"), sum("second")], [1895620, 1220768]);
  assert.deepEqual(
    rows.find(({ name }) => name === ".debug_line"),
    {
      name: ".debug_line",
      first: 137119,
      second: 0,
    },
  );
  assert.deepEqual(rows.at(-1), { name: OUTSIDE, first: 118524, second: 11745 });
});

test("tiles are to scale, within the drawing, and none lies on another", () => {
  const file = sections(full);
  const whole = compose(sharesOf(readSymbols(nm), file), file, "packages");
  const [width, height] = [720, 360];
  const tiles = tilesOf(whole, width, height);
  const area = (tile: Tile) => tile.width * tile.height;
  const all = tiles.reduce((sum, tile) => sum + area(tile), 0);
  for (const tile of tiles) {
    assert.ok(tile.left >= 0 && tile.top >= 0);
    assert.ok(tile.left + tile.width <= width && tile.top + tile.height <= height);
    const share = area(tile) / all;
    // Gaps of two pixels are taken from the tiles.
    if (share > 0.02)
      assert.ok(Math.abs(share / (tile.part.size / whole.size) - 1) < 0.1, tile.part.name);
    for (const other of tiles) {
      const apart =
        tile === other ||
        tile.left + tile.width <= other.left ||
        other.left + other.width <= tile.left ||
        tile.top + tile.height <= other.top ||
        other.top + other.height <= tile.top;
      assert.ok(apart, `${tile.part.name} and ${other.part.name}`);
    }
  }
  const dwarf = tiles.find(({ part }) => part.name === "DWARF");
  assert.deepEqual(
    dwarf?.inner.slice(0, 2).map(({ part }) => part.name),
    [".debug_info", ".debug_line"],
  );
});

test("what is no artifact is none", () => {
  assert.equal(readSections("{"), null);
  assert.equal(readSections("{}"), null);
});
