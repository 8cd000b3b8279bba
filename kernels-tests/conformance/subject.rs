//! A kernel under test: how it is run, and how far two of its results may be apart.

use std::rc::Rc;
use std::sync::LazyLock;

use aquatint::frame::Picture;
use aquatint::graph::style::Library;

use super::fixtures::{Compare, Setting, compute_fixtures, fixtures, pack_fixtures};
use super::points::Try;
use super::run::{run_compute, run_kernel, run_pack};
use crate::support::{On, difference};

pub static LIBRARY: LazyLock<Library> = LazyLock::new(Library::built_in);

/// Codes of 16 bits that packed samples may differ by.
const PACKED: u32 = 2;

/// What a kernel makes.
pub enum Made {
    Picture(Picture),
    Words(Vec<u32>),
    Numbers(Vec<f32>),
}

impl Made {
    /// Words as what they are compared as.
    pub fn of_words(words: Vec<u32>, compare: Compare) -> Self {
        match compare {
            Compare::Equal => Self::Words(words),
            Compare::Floats => Self::Numbers(words.into_iter().map(f32::from_bits).collect()),
            Compare::Halves => {
                let halves = words
                    .into_iter()
                    .flat_map(|word| [word as u16, (word >> 16) as u16]);
                let number = |bits| half::f16::from_bits(bits).to_f32();
                Self::Numbers(halves.map(number).collect())
            }
        }
    }

    /// The largest difference in codes; of numbers, 65535 codes are 1. Words are equal or not: 0, or the largest number.
    pub fn apart(&self, other: &Self) -> u32 {
        match (self, other) {
            (Self::Picture(a), Self::Picture(b)) => difference(a, b).0,
            (Self::Words(a), Self::Words(b)) if a == b => 0,
            (Self::Numbers(a), Self::Numbers(b)) if a.len() == b.len() => {
                let apart = a.iter().zip(b).map(|(a, b)| (a - b).abs() * 65535.0);
                // What is no number is as far from everything as can be.
                apart.fold(0, |most, apart| {
                    most.max(if apart.is_nan() {
                        u32::MAX
                    } else {
                        apart.ceil() as u32
                    })
                })
            }
            _ => u32::MAX,
        }
    }
}

/// Makes the kernel's image or words, with parameters, from the inputs of a seed.
type Run = dyn Fn(&[Setting], u64, On) -> Made;

/// One kernel, storing its image in one way.
pub struct Subject {
    /// For messages: the kernel, and how it stores its image.
    pub name: String,
    pub params: &'static [(&'static str, Try)],
    /// Whether it reads anything but parameters.
    pub reads: bool,
    /// Codes that kernel and twin may differ by.
    pub allowed: u32,
    /// How the words that it makes, if it makes words, are compared.
    pub compare: Compare,
    pub run: Box<Run>,
}

/// The kernel at `path` in each way its fixtures store its image.
pub fn subjects(path: &str) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for fixture in fixtures().into_iter().filter(|f| f.kernel == path) {
        let fixture = Rc::new(fixture);
        for &storage in fixture.storages {
            let of = fixture.clone();
            subjects.push(Subject {
                name: format!("{path} {storage:?}"),
                params: fixture.params,
                reads: !fixture.images.is_empty()
                    || fixture.window.is_some()
                    || fixture.planes.is_some()
                    || !fixture.words.is_empty(),
                allowed: fixture.allowed(storage),
                compare: Compare::Equal,
                run: Box::new(move |point, seed, on| {
                    Made::Picture(run_kernel(&LIBRARY, &of, point, storage, seed, on))
                }),
            });
        }
    }
    for fixture in pack_fixtures().into_iter().filter(|f| f.kernel == path) {
        subjects.push(Subject {
            name: path.to_owned(),
            params: fixture.params,
            reads: true,
            allowed: PACKED,
            compare: Compare::Equal,
            run: Box::new(move |point, seed, on| {
                Made::Picture(run_pack(&LIBRARY, &fixture, point, seed, on))
            }),
        });
    }
    for fixture in compute_fixtures().into_iter().filter(|f| f.kernel == path) {
        subjects.push(Subject {
            name: path.to_owned(),
            params: fixture.params,
            reads: !fixture.images.is_empty()
                || fixture.planes.is_some()
                || !fixture.words.is_empty(),
            allowed: match fixture.compare {
                Compare::Equal => 0,
                Compare::Floats => 3,
                // A rounding of numbers up to 4.
                Compare::Halves => 65535 / 256,
            },
            compare: fixture.compare,
            run: Box::new(move |point, seed, on| {
                let words = run_compute(&LIBRARY, &fixture, point, seed, on);
                Made::of_words(words, fixture.compare)
            }),
        });
    }
    assert!(!subjects.is_empty(), "{path} has no fixture");
    subjects
}
