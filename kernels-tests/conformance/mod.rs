//! Every kernel against its twin: alone, on the same inputs, over random and extreme parameters. And the tests of the
//! tests: every parameter must matter on both sides, and a twin that is off must be seen.

mod fixtures;
mod points;
mod run;

use std::collections::BTreeSet;

use aquatint::frame::Picture;
use aquatint::graph::style::{Body, Library};
use aquatint::reference::{Twin, twin};

use crate::support::{BOTH, On, difference};
use fixtures::{Setting, compute_fixtures, fixtures, pack_fixtures};
use points::{moved, points, usual};
use run::{kernel, run_compute, run_kernel, run_pack};

#[test]
fn every_kernel_has_a_twin_and_a_fixture() {
    let library = Library::built_in();
    // Compute kernels are those that manifests run as such; others are known by their entries.
    let mut computes = BTreeSet::new();
    for folder in library.folders() {
        for pass in &library.load(folder).unwrap().passes {
            if let Body::Compute { kernel, .. } = &pass.body {
                computes.insert(kernel.path.clone());
            }
        }
    }
    let entry = |path: &str| {
        let kernel = kernel(&library, path);
        kernel.functions.contains("pixel") || kernel.packs() || computes.contains(path)
    };
    let kernels: BTreeSet<&str> = library
        .kernels()
        .filter(|path| entry(path))
        .filter(|path| !GENERATORS.contains(path))
        .collect();
    assert!(kernels.len() > 10, "{kernels:?}");
    let fixtures: BTreeSet<&str> = fixtures()
        .iter()
        .map(|f| f.kernel)
        .chain(pack_fixtures().iter().map(|f| f.kernel))
        .chain(compute_fixtures().iter().map(|f| f.kernel))
        .collect();
    assert_eq!(kernels, fixtures);
    for path in library
        .kernels()
        .filter(|path| kernels.contains(path) || GENERATORS.contains(path))
    {
        let packs = kernel(&library, path).packs();
        assert!(
            match twin(path) {
                Some(Twin::Code(_)) => packs,
                Some(Twin::Pixel(_)) => !packs && !computes.contains(path),
                Some(Twin::Compute(_)) => computes.contains(path),
                None => false,
            },
            "{path}"
        );
        let file = format!("{}/src/reference/{path}.rs", env!("CARGO_MANIFEST_DIR"));
        assert!(std::path::Path::new(&file).is_file(), "{file}");
    }
}

/// Kernels that make a picture from nothing: compared as whole styles.
const GENERATORS: &[&str] = &["demo/scene"];

#[test]
fn kernels_agree_with_their_twins() {
    let library = Library::built_in();
    for fixture in fixtures() {
        for storage in fixture.storages {
            let allowed = fixture.allowed(*storage);
            for (seed, point) in points(fixture.params).iter().enumerate() {
                let [cpu, gpu] =
                    BOTH.map(|on| run_kernel(&library, &fixture, point, *storage, seed as u64, on));
                let (worst, _) = difference(&cpu, &gpu);
                assert!(
                    worst <= allowed,
                    "{} {storage:?} {point:?}: {worst} codes, at most {allowed}",
                    fixture.kernel
                );
            }
            // The negative control: other inputs must not pass.
            let point = usual(fixture.params);
            let cpu = run_kernel(&library, &fixture, &point, *storage, 100, On::Cpu);
            let gpu = run_kernel(&library, &fixture, &point, *storage, 101, On::Gpu);
            assert!(
                difference(&cpu, &gpu).0 > 10 * allowed,
                "{} tells no pictures apart",
                fixture.kernel
            );
        }
    }
    for fixture in pack_fixtures() {
        for (seed, point) in points(fixture.params).iter().enumerate() {
            let [cpu, gpu] = BOTH.map(|on| run_pack(&library, &fixture, point, seed as u64, on));
            let (worst, _) = difference(&cpu, &gpu);
            assert!(worst <= 2, "{} {point:?}: {worst} codes", fixture.kernel);
        }
    }
}

#[test]
fn compute_kernels_agree_with_their_twins_exactly() {
    let library = Library::built_in();
    for fixture in compute_fixtures() {
        for (seed, point) in points(fixture.params).iter().enumerate() {
            let [cpu, gpu] = BOTH.map(|on| run_compute(&library, &fixture, point, seed as u64, on));
            assert!(cpu == gpu, "{} {point:?}", fixture.kernel);
        }
        let point = usual(fixture.params);
        let cpu = run_compute(&library, &fixture, &point, 100, On::Cpu);
        let gpu = run_compute(&library, &fixture, &point, 101, On::Gpu);
        assert!(cpu != gpu, "{} tells no pictures apart", fixture.kernel);
        for (name, [from, to]) in moved(fixture.params) {
            let path = fixture.kernel;
            for on in BOTH {
                let draw = |point: &Vec<Setting>| run_compute(&library, &fixture, point, 1, on);
                assert!(
                    draw(&from) != draw(&to),
                    "{path}: {name} does nothing on {on:?}"
                );
            }
        }
    }
}
#[test]
fn every_parameter_matters_and_a_twin_that_is_off_is_seen() {
    let library = Library::built_in();
    for fixture in fixtures() {
        let storage = fixture.storages[0];
        let allowed = fixture.allowed(storage);
        for (name, [from, to]) in moved(fixture.params) {
            let draw =
                |point: &Vec<Setting>, on| run_kernel(&library, &fixture, point, storage, 1, on);
            let [cpu, gpu] = BOTH.map(|on| (draw(&from, on), draw(&to, on)));
            let seen = |a: &Picture, b: &Picture| difference(a, b).0 > allowed;
            let path = fixture.kernel;
            assert!(
                seen(&cpu.0, &cpu.1),
                "{path}: {name} does nothing to the twin ({from:?} to {to:?})"
            );
            assert!(
                seen(&gpu.0, &gpu.1),
                "{path}: {name} does nothing to the kernel ({from:?} to {to:?})"
            );
            assert!(
                seen(&gpu.0, &cpu.1),
                "{path}: a twin with another {name} passes"
            );
        }
    }
    for fixture in pack_fixtures() {
        for (name, [from, to]) in moved(fixture.params) {
            let draw = |point: &Vec<Setting>, on| run_pack(&library, &fixture, point, 1, on);
            let [cpu, gpu] = BOTH.map(|on| (draw(&from, on), draw(&to, on)));
            let seen = |a: &Picture, b: &Picture| difference(a, b).0 > 2;
            let path = fixture.kernel;
            assert!(
                seen(&cpu.0, &cpu.1) && seen(&gpu.0, &gpu.1),
                "{path}: {name} does nothing ({from:?} to {to:?})"
            );
            assert!(
                seen(&gpu.0, &cpu.1),
                "{path}: a twin with another {name} passes"
            );
        }
    }
}
