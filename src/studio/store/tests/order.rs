//! The order of the queue and of lists.

use super::super::{Filter, NewJob, State, Store, StoreError};
use super::{add, add_in, job, store};

#[test]
fn the_highest_priority_runs_first_then_the_first_place() {
    let (_folder, store) = store();
    let ids: Vec<i64> = [0, 5, -1, 5, 0]
        .into_iter()
        .map(|priority| {
            let new = NewJob {
                priority,
                ..job("a.mp4")
            };
            store.add_jobs(&[new], None).unwrap().ids[0]
        })
        .collect();
    let order = [1, 3, 0, 4, 2].map(|index: usize| ids[index]);
    assert_eq!(store.queue().unwrap(), order);
    for id in order {
        let next = store.next_runnable(|_| true).unwrap().unwrap();
        assert_eq!(next.id, id);
        assert!(
            store
                .set_state(id, &[State::Queued], State::Running, "")
                .unwrap()
        );
    }
    assert_eq!(store.next_runnable(|_| true).unwrap(), None);
}

#[test]
fn what_may_not_run_is_passed_over() {
    let (_folder, store) = store();
    let (first, second) = (add(&store), add(&store));
    // The store may be used in between.
    let next = store.next_runnable(|job| store.get(job.id).is_ok() && job.id != first);
    assert_eq!(next.unwrap().unwrap().id, second);
    assert_eq!(store.next_runnable(|_| false).unwrap(), None);
}

#[test]
fn jobs_are_moved_and_take_the_priority_of_their_neighbours() {
    let (_folder, store) = store();
    let [a, b, c, d] = [(); 4].map(|()| add(&store));
    store.set_priority(d, 7).unwrap();
    assert_eq!(store.queue().unwrap(), [d, a, b, c]);
    store.move_before(c, a).unwrap();
    assert_eq!(store.queue().unwrap(), [d, c, a, b]);
    store.move_after(c, b).unwrap();
    assert_eq!(store.queue().unwrap(), [d, a, b, c]);
    store.move_before(b, d).unwrap();
    assert_eq!(store.queue().unwrap(), [b, d, a, c]);
    assert_eq!(store.get(b).unwrap().priority, 7);
    store.move_last(b).unwrap();
    assert_eq!(store.queue().unwrap(), [d, a, c, b]);
    assert_eq!(store.get(b).unwrap().priority, 0);
    store.move_first(c).unwrap();
    assert_eq!(store.queue().unwrap(), [c, d, a, b]);
    assert_eq!(store.get(c).unwrap().priority, 7);
    store.move_before(a, a).unwrap();
    assert_eq!(store.queue().unwrap(), [c, d, a, b]);
    store.retry_failed().unwrap();
    assert_eq!(store.queue().unwrap(), [c, d, a, b]);
}

#[test]
fn places_never_run_out() {
    let (_folder, store) = store();
    quick(&store);
    let [a, b, c] = [(); 3].map(|()| add(&store));
    // Between the same two, more often than a gap can be halved.
    for _ in 0..40 {
        store.move_after(c, a).unwrap();
        assert_eq!(store.queue().unwrap(), [a, c, b]);
        store.move_after(b, a).unwrap();
        assert_eq!(store.queue().unwrap(), [a, b, c]);
    }
    for _ in 0..10 {
        store.move_first(b).unwrap();
        store.move_last(a).unwrap();
        assert_eq!(store.queue().unwrap(), [b, c, a]);
        store.move_first(a).unwrap();
    }
}

#[test]
fn only_what_waits_is_moved() {
    let (_folder, store) = store();
    let waiting = add(&store);
    for state in State::ALL {
        let id = add_in(&store, state);
        let moves = [
            store.move_before(id, waiting),
            store.move_after(waiting, id),
            store.move_first(id),
            store.move_last(id),
        ];
        for moved in moves {
            match state.is_waiting() {
                true => moved.unwrap(),
                false => assert!(
                    matches!(moved, Err(StoreError::NotWaiting { state: told, .. }) if told == state)
                ),
            }
        }
        let ranked = store.set_priority(id, 3);
        assert_eq!(ranked.is_ok(), !state.is_ended(), "{state}");
    }
    assert!(matches!(
        store.move_before(999, waiting),
        Err(StoreError::UnknownJob { id: 999 })
    ));
    assert!(matches!(
        store.move_before(waiting, 999),
        Err(StoreError::UnknownJob { id: 999 })
    ));
}

#[test]
fn lists_begin_with_what_runs_and_end_with_the_oldest_end() {
    let (_folder, store) = store();
    let failed = add_in(&store, State::Failed);
    let queued = add(&store);
    let paused = add_in(&store, State::Paused);
    let running = add_in(&store, State::Running);
    let done = add_in(&store, State::Done);
    let pausing = add_in(&store, State::Pausing);
    let urgent = add(&store);
    store.set_priority(urgent, 1).unwrap();
    let order = [running, pausing, urgent, queued, paused, done, failed];
    assert_eq!(ids(&store, &Filter::default(), 100), order);
    for limit in 1..order.len() {
        assert_eq!(ids(&store, &Filter::default(), limit), order);
    }
    let some = Filter {
        states: vec![State::Paused, State::Failed],
        origin: None,
    };
    assert_eq!(ids(&store, &some, 1), [paused, failed]);
    let other = Filter {
        origin: Some("api".to_owned()),
        ..Filter::default()
    };
    assert_eq!(ids(&store, &other, 1), Vec::<i64>::new());
    for bad in [
        "",
        "x",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.99999999999999999999",
        "' OR 1",
    ] {
        let page = store.list(&other, Some(bad), 1);
        assert!(matches!(page, Err(StoreError::Invalid { .. })), "{bad}");
    }
}

#[test]
fn a_thousand_jobs_are_listed_page_by_page() {
    let (_folder, store) = store();
    let many: Vec<NewJob> = (0..1000)
        .map(|number| job(&format!("{number}.mp4")))
        .collect();
    let added = store.add_jobs(&many, None).unwrap().ids;
    assert_eq!(added.len(), 1000);
    assert_eq!(ids(&store, &Filter::default(), 100), added);
    // No page is longer, whatever is asked for.
    let page = store.list(&Filter::default(), None, 100_000).unwrap();
    assert_eq!(page.jobs.len(), 500);
    let page = store
        .list(&Filter::default(), page.next.as_deref(), 0)
        .unwrap();
    assert_eq!(page.jobs[0].id, added[500]);
    assert_eq!(page.jobs.len(), 1);
}

#[test]
fn lists_use_the_index() {
    let (_folder, store) = store();
    let connection = store.connection();
    let plan: String = connection
        .query_row(
            "EXPLAIN QUERY PLAN SELECT id FROM jobs WHERE (band, rank1, rank2, rank3) > (1, 2, 3, 4)
             ORDER BY band, rank1, rank2, rank3 LIMIT 100",
            [],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("jobs_in_order"), "{plan}");
}

/// The ids of a whole list, read in pages.
fn ids(store: &Store, filter: &Filter, limit: usize) -> Vec<i64> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.list(filter, after.as_deref(), limit).unwrap();
        found.extend(page.jobs.iter().map(|job| job.id));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

/// Without waiting for the disk.
fn quick(store: &Store) {
    let connection = store.connection();
    connection
        .pragma_update(None, "synchronous", "off")
        .unwrap();
}
