use super::*;

/// What go1.27.3 prints of `average`, a function of a package main in which a generic one, a loop and a closure are inlined.
const PRINTED: &str = include_str!("inlining/average.txt");

fn frame(function: &str, line: u32, column: Option<u32>) -> Frame {
    Frame { function: function.to_owned(), file: "main.go".to_owned(), line, column }
}

#[test]
fn every_line_prints_as_it_was() {
    for line in PRINTED.lines() {
        let read = parse(line);
        assert_eq!(read.to_string(), line);
        assert!(!matches!(read, Line::Listed(listing::Line::Other(_))), "{line}");
    }
}

#[test]
fn the_whole_stack_of_an_addition_inlined_four_deep() {
    let inlining = read(PRINTED);
    let [average] = &inlining.functions[..] else { panic!("{inlining:?}") };
    assert_eq!(average.symbol, "main.average");
    let stack = |pc: u64| {
        let found = average.instructions.iter().find(|(at, _)| *at == pc);
        found.map(|(_, stack)| average.stacks[*stack].as_slice())
    };
    let total = "main.total[go.shape.float64]";
    let sum = [
        frame("main.add[go.shape.float64]", 6, None),
        frame("main.total[go.shape.float64].func1#kFf4nreaSqI=#", 18, Some(45)),
        frame("main.fold[go.shape.float64]", 12, Some(10)),
        frame(total, 18, Some(13)),
        frame("main.average", 22, Some(14)),
    ];
    assert_eq!(stack(16), Some(&sum[..]));
    assert_eq!(stack(29), Some(&[frame("main.average", 22, None)][..]));
    // Between instructions there is none.
    assert_eq!(stack(17), None);
    let pcs: Vec<u64> = average.instructions.iter().map(|(pc, _)| *pc).collect();
    assert_eq!(pcs, [0, 5, 6, 7, 9, 12, 14, 15, 16, 21, 24, 27, 29, 32, 37, 41, 44]);
}

#[test]
fn nothing_is_said_of_a_function_whose_table_is_not_whole() {
    for cut in PRINTED.match_indices('\n').map(|(at, _)| at) {
        let whole = read(PRINTED);
        let start = read(&PRINTED[..cut]);
        let is_whole = start == whole;
        let instructions =
            |inlining: &Inlining| inlining.functions.iter().map(|f| f.instructions.len()).sum::<usize>();
        assert!(is_whole || instructions(&start) == 0, "cut at {cut}: {start:?}");
    }
    // A tree that leads round in a circle, or out of itself.
    for (from, to) in [("1 | 0 | main.fold", "1 | 1 | main.fold"), ("1 | 0 | main.fold", "1 | 9 | main.fold")] {
        let bent = PRINTED.replacen(from, to, 1);
        let instructions = &read(&bent).functions[0].instructions;
        assert!(instructions.iter().all(|(pc, _)| ![7, 16].contains(pc)), "{instructions:?}");
    }
}

#[test]
fn rows_of_all_widths() {
    for (line, node) in [
        ("     0     -1 00000 (main.go:25)\tCMPQ\tSP, 16(R14)", Some(-1)),
        ("  1a2b        06699 (<unknown line number>)\tNOP", None),
        ("1234567 123456 19088743 (a b.go:1[c.go:2])\tCALL\tmain.f[go.shape.struct { A int }](SB)", Some(123_456)),
    ] {
        let read = parse(line);
        assert_eq!(read.to_string(), line);
        let Line::Row(row) = read else { panic!("{line}") };
        assert_eq!(row.node, node);
    }
}
