//! Tables.

use std::fmt::Write as _;

use super::text::escaped;

/// A table of numbers.
pub(super) struct Table<'a> {
    pub class: &'a str,
    pub caption: &'a str,
    /// Heads of the columns, with that of the rows' names.
    pub heads: &'a [&'a str],
    /// Cells from left to right. The first names the row.
    pub rows: &'a [Vec<Cell>],
}

/// What stands in a table.
pub(super) struct Cell {
    pub text: String,
    /// Id of a part of the page that it leads to.
    pub to: Option<String>,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, to: None }
    }
}

impl Table<'_> {
    /// The table as HTML. It scrolls by itself where the page is too narrow for it.
    pub fn html(&self) -> String {
        let caption = escaped(self.caption);
        let mut out = format!(
            "<div class=\"wide\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">\n<table class=\"{}\">\n<caption>{caption}</caption>\n<thead>\n<tr>",
            escaped(self.class)
        );
        // Writing to a string does not fail.
        for head in self.heads {
            let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(head));
        }
        out.push_str("</tr>\n</thead>\n<tbody>\n");
        for row in self.rows {
            out.push_str("<tr>");
            for (column, cell) in row.iter().enumerate() {
                let text = cell.html();
                let _ = match column {
                    0 => write!(out, "<th scope=\"row\">{text}</th>"),
                    _ => write!(out, "<td>{text}</td>"),
                };
            }
            out.push_str("</tr>\n");
        }
        out + "</tbody>\n</table>\n</div>\n"
    }
}

impl Cell {
    fn html(&self) -> String {
        let text = escaped(&self.text);
        match &self.to {
            Some(id) => format!("<a href=\"#{}\">{text}</a>", escaped(id)),
            None => text,
        }
    }
}
