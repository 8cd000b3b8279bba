//! A page with ways to render beside each other.

use super::{Compared, ComparedWay};
use crate::measure::page::{Column, ComparePage, Embedded, clock, embedded};
use crate::media::bytes_in_words;
use crate::metrics::Statistics;
use crate::render::Result;

/// The page.
///
/// # Errors
/// Where a picture of it cannot be encoded.
pub fn page(compared: &Compared) -> Result<String> {
    let name = compared.input.file_name().unwrap_or_default();
    // The picture in the middle of the part.
    let middle = compared.source.len() / 2;
    let page = ComparePage {
        title: name.to_string_lossy().into_owned(),
        facts: vec![
            ("From".to_owned(), clock(compared.start)),
            (
                "Length".to_owned(),
                format!("{:.2} s, {} frames", compared.duration, compared.frames),
            ),
            (
                "Metrics".to_owned(),
                "of the pictures before they are encoded, against the source".to_owned(),
            ),
            (
                "Picture".to_owned(),
                clock(compared.source.get(middle).map_or(0.0, |source| source.0)),
            ),
        ],
        columns: compared
            .ways
            .iter()
            .map(|way| column(way, middle))
            .collect::<Result<_>>()?,
        reference: compared
            .source
            .get(middle)
            .map(|(_, picture)| embedded(picture))
            .transpose()?,
    };
    Ok(page.html())
}

fn column(way: &ComparedWay, middle: usize) -> Result<Column> {
    let mut numbers = vec![
        (
            "Frames a second".to_owned(),
            format!("{:.1}", way.frames_per_second),
        ),
        ("Size".to_owned(), bytes_in_words(way.bytes)),
        ("Bit rate".to_owned(), format!("{:.0} kbit/s", way.kilobits)),
    ];
    if let Some(metrics) = &way.metrics {
        numbers.extend(metrics.metrics.values().map(mean));
    }
    Ok(Column {
        label: way.label.clone(),
        command: way.command.clone(),
        numbers,
        image: way
            .pictures
            .get(middle)
            .map_or_else(|| Ok(Embedded::new("image/png", Vec::new())), embedded)?,
        clip: way
            .clip
            .clone()
            .map(|bytes| Embedded::new("video/mp4", bytes)),
    })
}

/// A metric's name and mean.
pub fn mean(found: &Statistics) -> (String, String) {
    (found.title.to_owned(), found.mean_in_words())
}
