//! What the kernel tests leave in a folder: `codes.jsonl`, a line for each comparison of a kernel with its twin, and
//! `tests.log`, what they print.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Kernels {
    pub codes: Vec<Codes>,
    /// Tests that passed, and the names of those that failed.
    pub passed: usize,
    pub failed: Vec<String>,
    /// Whether all of them ran to their end.
    pub ended: bool,
}

/// A kernel, and by how many codes of 16 bits it and its twin differ at worst and may differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Codes {
    pub kernel: String,
    pub worst: u32,
    pub allowed: u32,
}

impl Kernels {
    /// # Errors
    /// A text that says which file cannot be read, or is not one of the tests.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let text = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))
        };
        Self::of(&text("codes.jsonl")?, &text("tests.log")?)
            .map_err(|why| format!("{} in {}", why, folder.display()))
    }

    fn of(codes: &str, log: &str) -> Result<Self, String> {
        let mut worst: BTreeMap<String, Codes> = BTreeMap::new();
        for (number, line) in codes.lines().enumerate() {
            let found: Codes = serde_json::from_str(line)
                .map_err(|error| format!("line {} of codes.jsonl: {error}", number + 1))?;
            let known = worst
                .entry(found.kernel.clone())
                .or_insert_with(|| found.clone());
            known.worst = known.worst.max(found.worst);
        }
        let tests = log.lines().filter_map(|line| line.strip_prefix("test "));
        let (mut passed, mut failed, mut ended) = (0, Vec::new(), false);
        for test in tests {
            match test.rsplit_once(" ... ") {
                Some((_, "ok")) => passed += 1,
                Some((name, "FAILED")) => failed.push(name.to_owned()),
                _ => ended |= test.starts_with("result: "),
            }
        }
        Ok(Self {
            codes: worst.into_values().collect(),
            passed,
            failed,
            ended,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tests_left_is_read() {
        let codes = "{\"kernel\":\"b\",\"worst\":1,\"allowed\":2}\n{\"kernel\":\"a\",\"worst\":0,\"allowed\":0}\n{\"kernel\":\"b\",\"worst\":3,\"allowed\":2}\n";
        let log = "running 3 tests\ntest conformance::agrees::a ... ok\ntest conformance::agrees::b ... FAILED\ntest golden::c ... ok\n";
        let read = Kernels::of(codes, log).unwrap();
        let worst: Vec<_> = read
            .codes
            .iter()
            .map(|it| (it.kernel.as_str(), it.worst))
            .collect();
        assert_eq!(worst, [("a", 0), ("b", 3)]);
        assert_eq!(
            (read.passed, &read.failed[..]),
            (2, &["conformance::agrees::b".to_owned()][..])
        );
        assert!(!read.ended, "the tests were cut off");
        let whole = format!("{log}test result: FAILED. 2 passed; 1 failed\n");
        assert!(Kernels::of(codes, &whole).unwrap().ended);
        assert!(Kernels::of("x", log).unwrap_err().contains("line 1"));
    }
}
