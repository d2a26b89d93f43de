//! The skill map: where each lesson stands and which lines lead to it, from what lessons need.
//!
//! A lesson stands in the column after the last of those that it needs, so all lines lead to the right, and in a row of
//! its section. Places are in cells of the map, so that a page may stretch it as it likes.

use std::collections::BTreeMap;

use super::view::{Card, Section};

/// The whole map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SkillMap {
    /// Sections from top to bottom.
    pub bands: Vec<Band>,
    /// How many columns there are.
    pub columns: usize,
    /// How many rows there are.
    pub rows: usize,
    /// From what is needed to what needs it.
    pub lines: Vec<Line>,
}

/// A section.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Title of the section.
    pub title: String,
    /// Its lessons, in order.
    pub nodes: Vec<Node>,
    /// Its first row, from 1.
    pub row: usize,
    /// How many rows it takes.
    pub rows: usize,
}

/// A lesson on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The lesson.
    pub card: Card,
    /// Titles of the lessons that it needs.
    pub needs: Vec<String>,
    /// From 1.
    pub column: usize,
    /// From 1.
    pub row: usize,
}

/// A line between two lessons.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Id of the lesson where it begins.
    pub from: String,
    /// Id of the lesson that it leads to.
    pub to: String,
    /// As SVG has it, in a box of [`SkillMap::columns`] by [`SkillMap::rows`].
    pub path: String,
}

/// How much of a cell's width is free on either side of a node. The styles have the same.
const MARGIN: f64 = 0.07;

/// Draws the map of lessons, with their sections in order. Of lessons that need each other in a circle one is taken to
/// need nothing; [`circle`] finds them.
pub fn draw(sections: &[Section]) -> SkillMap {
    let cards = || sections.iter().flat_map(|section| &section.cards);
    let columns = columns(cards());
    let titles: BTreeMap<&str, &str> = cards().map(|card| (card.id.as_str(), card.title.as_str())).collect();
    let mut map = SkillMap { columns: columns.values().max().map_or(0, |last| last + 1), ..SkillMap::default() };
    for Section { title, cards } in sections {
        let mut rows: Vec<Vec<usize>> = Vec::new();
        let mut nodes = Vec::new();
        for card in cards {
            let column = columns[card.id.as_str()];
            let row = rows.iter().position(|taken| !taken.contains(&column)).unwrap_or(rows.len());
            if row == rows.len() {
                rows.push(Vec::new());
            }
            rows[row].push(column);
            let needs = card.needs.iter().filter_map(|id| titles.get(id.as_str())).map(|title| (*title).to_owned());
            nodes.push(Node {
                needs: needs.collect(),
                card: card.clone(),
                column: column + 1,
                row: map.rows + row + 1,
            });
        }
        map.bands.push(Band { title: title.clone(), nodes, row: map.rows + 1, rows: rows.len() });
        map.rows += rows.len();
    }
    let nodes = || map.bands.iter().flat_map(|band| &band.nodes);
    let find = |id: &str| nodes().find(|node| node.card.id == id);
    let lines = nodes().flat_map(|to| to.card.needs.iter().filter_map(move |id| Some((find(id)?, to))));
    map.lines = lines.map(|(from, to)| line(from, to)).collect();
    map
}

/// A lesson that needs itself, by way of others.
pub fn circle<'a>(cards: impl Iterator<Item = (&'a str, &'a [String])> + Clone) -> Option<&'a str> {
    let needs: BTreeMap<&str, &[String]> = cards.clone().collect();
    let reaches_itself = |start: &str| {
        let mut seen = Vec::new();
        let mut open: Vec<&str> = needs.get(start).into_iter().flat_map(|ids| *ids).map(String::as_str).collect();
        while let Some(id) = open.pop() {
            if id == start {
                return true;
            }
            if !seen.contains(&id) {
                seen.push(id);
                open.extend(needs.get(id).into_iter().flat_map(|ids| *ids).map(String::as_str));
            }
        }
        false
    };
    cards.map(|(id, _)| id).find(|id| reaches_itself(id))
}

fn columns<'a>(cards: impl Iterator<Item = &'a Card> + Clone) -> BTreeMap<&'a str, usize> {
    let mut columns: BTreeMap<&str, usize> = cards.clone().map(|card| (card.id.as_str(), 0)).collect();
    // The longest way has no more steps than there are lessons, unless it is a circle.
    for _ in 0..columns.len() {
        for card in cards.clone() {
            let after = card.needs.iter().filter_map(|id| columns.get(id.as_str())).max().map_or(0, |last| last + 1);
            columns.insert(&card.id, after.min(columns.len() - 1));
        }
    }
    columns
}

fn line(from: &Node, to: &Node) -> Line {
    #[expect(clippy::cast_precision_loss, reason = "a map has few cells")]
    let middle = |node: &Node, side: f64| (node.column as f64 - 0.5 + side * (0.5 - MARGIN), node.row as f64 - 0.5);
    let ((x, y), (to_x, to_y)) = (middle(from, 1.0), middle(to, -1.0));
    let bend = (to_x - x) / 2.0;
    let path = format!("M{x:.2} {y:.2}C{:.2} {y:.2} {:.2} {to_y:.2} {to_x:.2} {to_y:.2}", x + bend, to_x - bend);
    Line { from: from.card.id.clone(), to: to.card.id.clone(), path }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(number: u32, id: &str, needs: &[&str]) -> Card {
        Card {
            id: id.to_owned(),
            needs: needs.iter().map(|id| (*id).to_owned()).collect(),
            href: format!("/lessons/{id}"),
            number,
            title: format!("Title of {id}"),
            summary: "Text.".to_owned(),
            level: "Advanced".to_owned(),
            minutes: 5,
            questions: 3,
        }
    }

    fn section(title: &str, cards: &[Card]) -> Section {
        Section { title: title.to_owned(), cards: cards.to_vec() }
    }

    #[test]
    fn lines_lead_to_the_right_and_no_two_lessons_share_a_place() {
        let map = draw(&[
            section("One", &[card(1, "a", &[]), card(2, "b", &["a"]), card(3, "c", &["b", "a"])]),
            section("Two", &[card(4, "d", &[]), card(5, "e", &["d", "a"]), card(6, "f", &["d"])]),
        ]);
        let places: Vec<_> =
            map.bands.iter().flat_map(|band| &band.nodes).map(|node| (node.row, node.column)).collect();
        assert_eq!(places, [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 2)]);
        assert_eq!((map.columns, map.rows, map.bands[1].row, map.bands[1].rows), (3, 3, 2, 2));
        assert_eq!(map.lines.len(), 6);
        assert_eq!(map.lines[0].path, "M0.93 0.50C1.00 0.50 1.00 0.50 1.07 0.50");
        assert_eq!(map.bands[1].nodes[1].needs, ["Title of d", "Title of a"]);
        assert_eq!(draw(&[]), SkillMap::default());
    }

    #[test]
    fn a_circle_is_found_and_drawn_somehow() {
        let cards = [card(1, "a", &["c"]), card(2, "b", &["a"]), card(3, "c", &["b"]), card(4, "d", &[])];
        let needs = || cards.iter().map(|card| (card.id.as_str(), card.needs.as_slice()));
        assert_eq!(circle(needs()), Some("a"));
        assert_eq!(circle(needs().skip(1)), None, "what is not there needs nothing");
        assert_eq!(draw(&[section("S", &cards)]).bands[0].nodes.len(), 4);
    }
}
