//! The questions of a lesson: each is a `<details>` with a `<summary>`, in the lesson's text.

use super::markdown::{render_plain, slug};

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Within its lesson. That of the `<details>`, by which it stays the same when its words change; else made of them.
    pub id: String,
    /// Inline text as HTML. Trusted, since it comes from the lesson.
    pub question_html: String,
    /// Paragraphs as HTML. Trusted.
    pub answer_html: String,
}

/// All questions in a lesson's body, in order.
pub fn of(body: &str) -> Vec<Question> {
    let mut questions = Vec::new();
    let mut rest = body;
    while let Some((_, after)) = rest.split_once("\n<details") {
        let Some((inner, after)) = after.split_once("</details>") else { break };
        questions.extend(question(inner));
        rest = after;
    }
    questions
}

/// `inner` begins with the attributes of the `<details>`.
fn question(inner: &str) -> Option<Question> {
    let (attributes, inner) = inner.split_once('>')?;
    let (summary, answer) = inner.split_once("<summary>")?.1.split_once("</summary>")?;
    let named = attributes.trim().strip_prefix("id=\"").and_then(|rest| rest.strip_suffix('"'));
    let id = named.map_or_else(|| slug(summary), str::to_owned);
    Some(Question { id, question_html: summary.trim().to_owned(), answer_html: render_plain(answer.trim()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_taken_out_of_a_lesson() {
        let body = "\n## Check yourself\n\n<details id=\"channel\"><summary>Does x <em>move</em>?</summary>\n\nYes: `moved`.\n\n\
                    </details>\n\nText.\n\n<details><summary>How many, really?</summary>\n\nTwo.\n\nOr 3.\n\n</details>\n";
        let found = of(body);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].id.as_str(), found[0].question_html.as_str()), ("channel", "Does x <em>move</em>?"));
        assert_eq!(found[0].answer_html, "<p>Yes: <code>moved</code>.</p>\n");
        assert_eq!(
            (found[1].id.as_str(), found[1].answer_html.as_str()),
            ("how-many-really", "<p>Two.</p>\n<p>Or 3.</p>\n")
        );
        for body in ["", "\n<details><summary>x</summary>", "\n<details>x</details>"] {
            assert_eq!(of(body), []);
        }
    }
}
