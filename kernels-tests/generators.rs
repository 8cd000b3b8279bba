//! Styles that make pictures from nothing: as whole graphs, kernel against twin, at several times.

use aquatint::color::{Color, Range};
use aquatint::frame::Picture;
use aquatint::graph::Executor;
use aquatint::graph::cpu::CpuExecutor;
use aquatint::graph::plan::{OutputRequest, PlanOptions, Source, Temporal, plan};
use aquatint::graph::style::Library;

use crate::support::*;

/// Frames of the generator `name` at `times`, in seconds.
fn frames(library: &Library, name: &str, times: &[f64], on: On) -> Vec<Picture> {
    let source = Source {
        width: 192,
        height: 108,
        coded: None,
        time_base: aquatint::frame::Rational::new(1, 25),
        rate: aquatint::frame::Rational::new(25, 1),
        start: 0,
        interlaced: Default::default(),
    };
    let color = Color {
        matrix: 1,
        range: Range::Limited,
        ..Color::default()
    };
    let chain = vec![styled(library, name, &[], 1.0)];
    let request = OutputRequest {
        chain,
        format: yuv420(8),
        color,
        temporal: Temporal::Off,
    };
    let plan = plan(library, &source, &[request], PlanOptions::default()).unwrap();
    let mut executor: Box<dyn Executor> = match on {
        On::Cpu => Box::new(CpuExecutor::new(plan, &[]).unwrap()),
        On::Gpu | On::Recorded => executor(library, plan, &[], on),
    };
    let mut outputs = Vec::new();
    for (pts, seconds) in times.iter().enumerate() {
        let frame = frame_at(None, pts as i64, *seconds as f32, 3);
        outputs.extend(executor.submit(frame).unwrap());
    }
    outputs.extend(executor.drain().unwrap());
    // Several frames were under way: they come back in order.
    assert!(
        outputs
            .iter()
            .enumerate()
            .all(|(pts, output)| output.span.pts == pts as i64)
    );
    pictures(outputs)
}

#[test]
fn executors_agree_and_time_passes() {
    let library = Library::built_in();
    let generators: Vec<String> = library
        .folders()
        .filter(|name| !name.contains('/') && library.load(name).unwrap().generates())
        .map(str::to_owned)
        .collect();
    assert!(!generators.is_empty());
    let times = [0.0, 0.04, 1.0, 2.5, 3.96];
    for name in generators {
        let [cpu, gpu] = BOTH.map(|on| frames(&library, &name, &times, on));
        for (index, (cpu, gpu)) in cpu.iter().zip(&gpu).enumerate() {
            let likeness = psnr(cpu, gpu);
            assert!(
                likeness >= 45.0,
                "{name} at {} s: {likeness:.1} dB",
                times[index]
            );
        }
        assert!(psnr(&cpu[0], &cpu[3]) < 40.0, "{name} stands still");
        assert!(psnr(&cpu[0], &gpu[3]) < 40.0, "another time must not pass");
    }
}
