//! What a manifest says to no effect: no error, but most likely a mistake.

use std::collections::BTreeSet;

use super::{Body, HistoryShape, PassRate, Style};
use crate::graph::style::{Expression, Kernel};
use crate::nearest::{did_you_mean, nearest};

impl Style {
    /// Inputs that a kernel is given and does not read, values that it is given and does not use, images that nothing reads, and
    /// parameters that nothing uses.
    pub(super) fn effectless(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (pass, kernel) in self.kernels() {
            for input in &pass.inputs {
                if !kernel.inputs.contains_key(&input.name) {
                    let read = kernel.inputs.keys().map(String::as_str);
                    found.push(format!(
                        "{}.wgsl is given an input {:?} that it never reads{}",
                        kernel.path,
                        input.name,
                        did_you_mean(nearest(&input.name, read))
                    ));
                }
            }
            for (name, _) in &pass.set {
                if !kernel.params.contains(name) {
                    let used = kernel.params.iter().map(String::as_str);
                    found.push(format!(
                        "the pass of {}.wgsl sets {name:?}, but the kernel does not use params.{name}{}",
                        kernel.path,
                        did_you_mean(nearest(name, used))
                    ));
                }
            }
        }
        let read: BTreeSet<&str> = self.read_images();
        let made = self.passes.iter().map(|pass| ("the image", &pass.out));
        let histories = self.histories.iter().map(|kept| ("[history]", &kept.name));
        let pictures = self.files.iter().map(|file| ("[image]", &file.name));
        let luts = self.luts.iter().map(|table| ("[lut]", &table.name));
        let tables = self.tables.iter().map(|table| ("[table]", &table.name));
        let named = made.chain(histories).chain(pictures).chain(luts);
        let named = named.chain(tables);
        for (what, name) in named.filter(|(_, name)| !read.contains(name.as_str())) {
            let unread = format!("nothing reads {what} {name:?}");
            if !found.contains(&unread) {
                found.push(unread);
            }
        }
        let used = self.used_names();
        for param in &self.params {
            let names = param.names();
            if !names
                .iter()
                .chain([&param.name])
                .any(|name| used.contains(name.as_str()))
            {
                found.push(format!(
                    "nothing uses the parameter {:?}: no kernel, expression, note or file",
                    param.name
                ));
            }
        }
        found
    }

    /// The images that passes read, and those that are kept, measured, or the result.
    fn read_images(&self) -> BTreeSet<&str> {
        let read = self.passes.iter().flat_map(|pass| &pass.inputs);
        let read = read.map(|input| input.image.as_str());
        let kept = self.histories.iter().map(|kept| kept.of.as_str());
        let measured = self.measures.iter().map(|measure| measure.of.as_str());
        read.chain(kept).chain(measured).chain(["result"]).collect()
    }

    /// The passes that run a kernel of this folder.
    fn kernels(&self) -> impl Iterator<Item = (&super::Pass, &Kernel)> {
        self.passes.iter().filter_map(|pass| match &pass.body {
            Body::Kernel(kernel) | Body::Compute { kernel, .. } => Some((pass, &**kernel)),
            Body::Use(_) | Body::Model { .. } => None,
        })
    }

    /// The names of numbers that kernels, expressions and notes use, and the parameters that name files.
    fn used_names(&self) -> BTreeSet<&str> {
        let mut used = BTreeSet::new();
        let mut expressions: Vec<&Expression> = self.lets.iter().map(|(_, value)| value).collect();
        for note in &self.notes {
            expressions.push(&note.when);
            let shown = note.text.split('{').skip(1);
            used.extend(shown.filter_map(|part| Some(part.split_once('}')?.0)));
        }
        if let Some(analyse) = &self.analyse {
            used.extend(analyse.reducer.options);
        }
        for history in &self.histories {
            if let HistoryShape::Words(words) = &history.shape {
                expressions.push(words);
            }
        }
        for pass in &self.passes {
            expressions.extend(pass.set.iter().map(|(_, value)| value));
            expressions.extend(&pass.when);
            expressions.extend(pass.size.iter().flatten());
            expressions.extend(pass.tiles.iter().flat_map(|tile| &tile.reach));
            expressions.extend(&pass.repeat);
            match &pass.rate {
                Some(PassRate::Times(times)) => expressions.push(times),
                Some(PassRate::Film { fps, .. }) => expressions.push(fps),
                Some(PassRate::Output) | None => {}
            }
            if let Body::Model { tile, overlap, .. } = &pass.body {
                expressions.extend([&**tile, &**overlap]);
            }
            if let Body::Compute { words, phases, .. } = &pass.body {
                expressions.push(words);
                expressions.extend(phases.iter().flat_map(|phase| &phase.over));
            }
        }
        for expression in expressions {
            used.extend(expression.names().iter().map(String::as_str));
        }
        for (pass, kernel) in self.kernels() {
            // What the pass sets hides a parameter of the same name.
            let set = |name: &str| pass.set.iter().any(|(known, _)| known == name);
            let params = kernel.params.iter().map(String::as_str);
            used.extend(params.filter(|name| !set(name)));
        }
        used.extend(self.files.iter().filter_map(|file| file.param.as_deref()));
        used.extend(self.luts.iter().filter_map(|lut| lut.param.as_deref()));
        for model in &self.models {
            let params = [&model.file, &model.known, &model.range];
            used.extend(params.into_iter().filter_map(|param| param.as_deref()));
        }
        used
    }
}
