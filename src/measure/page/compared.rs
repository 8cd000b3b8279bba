//! A page with ways to render the same video beside each other.

use super::Embedded;
use super::document::{document, facts, section};
use super::table::{Cell, Table};
use super::text::escaped;

/// Ways to render the same video, for people.
#[derive(Clone, Debug, Default)]
pub struct ComparePage {
    /// What is rendered: a file's name.
    pub title: String,
    /// Names with values.
    pub facts: Vec<(String, String)>,
    pub columns: Vec<Column>,
    /// The source's picture.
    pub reference: Option<Embedded>,
}

/// One way.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name, different from those of the others.
    pub label: String,
    /// The command line that makes it.
    pub command: String,
    /// Names with values: sizes, metrics, times.
    pub numbers: Vec<(String, String)>,
    pub image: Embedded,
    /// A part of the video that browsers can play.
    pub clip: Option<Embedded>,
}

/// Name of the source's picture.
const SOURCE: &str = "source";

impl ComparePage {
    /// The page: one HTML file.
    pub fn html(&self) -> String {
        let mut body = facts(&self.facts);
        body += &section("numbers", "Numbers", &self.numbers());
        body += &self.pair();
        body += &section("pictures", "Beside each other", &self.pictures());
        body += &section("clips", "In motion", &self.clips());
        document("Compared", &self.title, &body)
    }

    /// A row for each number, a column for each way.
    fn numbers(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in self.columns.iter().flat_map(|column| &column.numbers) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        if names.is_empty() {
            return String::new();
        }
        let mut heads = vec![""];
        heads.extend(self.columns.iter().map(|column| column.label.as_str()));
        let rows = names.iter().map(|name| {
            let cells = self.columns.iter().map(|column| {
                let pair = column.numbers.iter().find(|pair| pair.0 == *name);
                Cell::from(pair.map_or("–".to_owned(), |pair| pair.1.clone()))
            });
            let mut row = vec![Cell::from((*name).to_owned())];
            row.extend(cells);
            row
        });
        let rows: Vec<Vec<Cell>> = rows.collect();
        let table = Table {
            class: "",
            caption: "Each way by its numbers",
            heads: &heads,
            rows: &rows,
        };
        table.html()
    }

    /// Labels of all pictures, in the order in which they stand in the page.
    fn labels(&self) -> Vec<&str> {
        let source = self.reference.iter().map(|_| SOURCE);
        let columns = self.columns.iter().map(|column| column.label.as_str());
        source.chain(columns).collect()
    }

    /// The choice of two pictures, which the script shows and fills.
    fn pair(&self) -> String {
        let labels = self.labels();
        if labels.len() < 2 {
            return String::new();
        }
        let select = |name: &str, chosen: usize| {
            let options = labels.iter().enumerate().map(|(index, label)| {
                let selected = match index == chosen {
                    true => " selected=\"selected\"",
                    false => "",
                };
                let label = escaped(label);
                format!("<option value=\"{index}\"{selected}>{label}</option>")
            });
            format!(
                "<label>{name} <select>{}</select></label>\n",
                options.collect::<String>()
            )
        };
        format!(
            "<section id=\"pair\" aria-labelledby=\"pair-heading\" hidden=\"hidden\">\n\
             <h2 id=\"pair-heading\">One over the other</h2>\n<div class=\"bar\">\n{}{}</div>\n</section>\n",
            select("Left", 0),
            select("Right", 1)
        )
    }

    fn pictures(&self) -> String {
        let mut figures = String::new();
        if let Some(picture) = &self.reference {
            figures += &shown(picture, SOURCE, "");
        }
        for column in &self.columns {
            figures += &shown(&column.image, &column.label, &column.command);
        }
        match figures.is_empty() {
            true => figures,
            false => format!("<div class=\"grid\">\n{figures}</div>\n"),
        }
    }

    fn clips(&self) -> String {
        let clips = self.columns.iter().filter_map(|column| {
            let clip = column.clip.as_ref()?;
            let label = escaped(&column.label);
            Some(format!(
                "<figure><video src=\"{}\" aria-label=\"{label}\" controls=\"controls\" muted=\"muted\" playsinline=\"playsinline\" preload=\"auto\"></video><figcaption>{label}</figcaption></figure>\n",
                clip.address()
            ))
        });
        let clips: String = clips.collect();
        if clips.is_empty() {
            return clips;
        }
        format!(
            "<div class=\"bar\" hidden=\"hidden\">\n<button type=\"button\" aria-label=\"Play or pause all\">Play</button>\n\
             <input type=\"range\" min=\"0\" max=\"1\" step=\"any\" value=\"0\" aria-label=\"Place in all clips\"/>\n\
             <output>0:00.0</output>\n</div>\n<div class=\"grid\">\n{clips}</div>\n"
        )
    }
}

/// A picture with its name and command.
fn shown(picture: &Embedded, label: &str, command: &str) -> String {
    let label = escaped(label);
    let command = match command {
        "" => String::new(),
        command => format!(" <code>{}</code>", escaped(command)),
    };
    format!(
        "<figure><img src=\"{}\" alt=\"{label}\"/><figcaption><strong>{label}</strong>{command}</figcaption></figure>\n",
        picture.address()
    )
}
