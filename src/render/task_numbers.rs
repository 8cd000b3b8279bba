//! Lists of task numbers as people and schedulers write them: `7`, `7-9`, `1-4,9`.

use super::error::{RenderError, Result};

/// The numbers that `text` names, in order, each once; all are below `tasks`.
///
/// # Errors
/// `Usage` for what is no such list, and for a number that is not below `tasks`.
pub fn task_numbers(text: &str, tasks: usize) -> Result<Vec<usize>> {
    let wrong = || {
        RenderError::usage(
            format!("{text:?} names no tasks"),
            "write numbers and ranges, from 0: 7, 7-9, or 1-4,9",
        )
    };
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
    let mut ranges = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return Err(wrong());
        }
        if last >= tasks {
            return Err(RenderError::usage(
                format!(
                    "there is no task {last}: the plan has {tasks}, from 0 to {}",
                    tasks.saturating_sub(1)
                ),
                "`aquatint status JOB` says which are missing",
            ));
        }
        ranges.push(first..=last);
    }
    let mut numbers: Vec<usize> = ranges.into_iter().flatten().collect();
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// `numbers`, which increase, as [`task_numbers`] reads them: `1-4,9`.
pub fn in_ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let words = ranges.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    words.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_tasks_are_read_as_schedulers_write_them() {
        for (text, numbers) in [
            ("7", vec![7]),
            ("7-9", vec![7, 8, 9]),
            ("9-9", vec![9]),
            ("9,10,20,21", vec![9, 10, 20, 21]),
            (" 9, 1-4", vec![1, 2, 3, 4, 9]),
            ("3-5,4-6", vec![3, 4, 5, 6]),
        ] {
            assert_eq!(task_numbers(text, 30).unwrap(), numbers, "{text}");
        }
        for text in [
            "", "x", "-1", "3-", "4-3", "1,,2", "30", "29-30", "0x1", "1:3",
        ] {
            assert!(task_numbers(text, 30).is_err(), "{text}");
        }
    }

    #[test]
    fn ranges_are_read_as_they_are_written() {
        assert_eq!(in_ranges(&[1, 2, 3, 4, 9]), "1-4,9");
        assert_eq!(in_ranges(&[]), "");
        let numbers = vec![0, 2, 3, 7, 8, 9, 29];
        assert_eq!(task_numbers(&in_ranges(&numbers), 30).unwrap(), numbers);
    }
}
