//! Which steps run together, a few rows at a time, so that the images between them stay in the processor's cache and are
//! never stored whole.

use super::super::plan::{NodeId, NodeKind, Operand, OutputPort, Plan, Step, Target};
use super::super::style::Kernel;
use crate::reference::reach;

/// Rows that the last step of a group makes at a time. Even, because two rows share a row of chroma.
pub(super) const BAND: usize = 16;
/// The most rows on each side that a kernel may read of an image that is not stored. With more, too many rows would be made
/// twice, or too few threads would find work.
const MOST_ROWS: usize = 32;

/// Steps of which each but the last makes an image that only later steps of the group read, near their own row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub members: Vec<Member>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Index of the step in the plan.
    pub step: usize,
    /// For some rows of the last step, how many more rows above and below this step has to make.
    pub margin: usize,
}

impl Member {
    /// How many rows of its image are needed at a time.
    pub fn rows(&self) -> usize {
        BAND + 2 * self.margin
    }
}

impl Group {
    /// One step that runs by itself.
    pub fn alone(step: usize) -> Self {
        let member = Member { step, margin: 0 };
        Self {
            members: vec![member],
        }
    }

    /// The step whose image or planes are stored.
    pub fn last(&self) -> usize {
        self.members[self.members.len() - 1].step
    }

    /// The steps whose images are not stored.
    pub fn inner(&self) -> &[Member] {
        &self.members[..self.members.len() - 1]
    }

    /// Rows of the last step that one thread makes without a break. What lies in the margins between two such parts is
    /// made twice, so parts are long where margins are wide.
    pub fn part(&self, height: usize, threads: usize) -> usize {
        let margins = self.members.iter().map(|member| member.margin);
        let margin = margins.max().unwrap_or(0);
        if self.members.len() == 1 {
            return BAND;
        }
        let share = height.div_ceil(4 * threads);
        share.max(8 * margin).next_multiple_of(BAND)
    }
}

/// The groups of `plan` in the order in which they run. Every step is in one of them. The slots of the plan do not matter:
/// [`assign_slots`] makes others.
pub(super) fn groups(plan: &Plan) -> Vec<Group> {
    let mut grouped = vec![false; plan.steps.len()];
    let mut groups = Vec::new();
    for last in (0..plan.steps.len()).rev() {
        if grouped[last] {
            continue;
        }
        let mut members = vec![last];
        if reads_rows(plan, last) {
            for step in (0..last).rev() {
                if !grouped[step] && joins(plan, step, &members) {
                    members.push(step);
                }
            }
        }
        members.reverse();
        members.iter().for_each(|step| grouped[*step] = true);
        groups.push(group(plan, &members));
    }
    groups.reverse();
    groups
}

/// Gives the images of `plan` slots that fit its groups: what a group reads is there until the group is over.
pub(super) fn assign_slots<'a>(plan: &mut Plan, groups: impl Iterator<Item = &'a Group>) {
    let mut moments = vec![0; plan.steps.len()];
    let mut is_stored = vec![false; plan.steps.len()];
    for (moment, group) in groups.enumerate() {
        for member in &group.members {
            moments[member.step] = moment;
        }
        is_stored[group.last()] = true;
    }
    plan.assign_slots(&moments, |step| is_stored[step]);
}

/// Whether a step works row by row.
fn reads_rows(plan: &Plan, step: usize) -> bool {
    match plan.steps[step].target {
        Target::Image { node, .. } => plan.nodes[node].kind == NodeKind::Pixel,
        Target::Output(_) => true,
    }
}

/// Whether `step` can run within the group of `members`, the last of which comes first.
fn joins(plan: &Plan, step: usize, members: &[usize]) -> bool {
    let Target::Image { node, slot } = plan.steps[step].target else {
        return false;
    };
    let (last, kept) = (members[0], plan.slots[slot].frames > 1);
    let is_kept = kept
        || plan.outputs.contains(&OutputPort::Image(node))
        || plan.histories.iter().any(|history| history.commit == node);
    let target = plan.steps[last].target;
    let extent = match target {
        Target::Image { node, .. } => plan.nodes[node].image.extent,
        Target::Output(port) => plan.pack(port).extent,
    };
    if is_kept
        || !reads_rows(plan, step)
        || plan.nodes[node].image.extent != extent
        || plan.lane_of(plan.steps[step].target) != plan.lane_of(target)
    {
        return false;
    }
    let reads = |index: &usize| plan.reads(&plan.steps[*index]);
    let readers = (0..plan.steps.len()).filter(|index| reads(index).contains(&node));
    let mut readers = readers.peekable();
    readers.peek().is_some()
        && readers.into_iter().all(|index| {
            let rows = rows_read(plan, &plan.steps[index], node);
            members.contains(&index) && rows.is_some_and(|rows| rows <= MOST_ROWS)
        })
}

/// How many rows above and below its own row `step` reads of the image of `input`; `None` if it may read any.
fn rows_read(plan: &Plan, step: &Step, input: NodeId) -> Option<usize> {
    let mut most = 0;
    let mut read = |inputs: &[(String, Operand)], kernel: &Kernel, params: &[(String, f32)]| {
        for (name, operand) in inputs {
            let reads = kernel.inputs.get(name);
            match operand {
                Operand::Window(id, _) if *id == input => return None,
                Operand::Image(id) if *id == input => {}
                _ => continue,
            }
            if reads.is_some_and(|reads| !reads.elsewhere) {
                continue;
            }
            let param = |name: &str| {
                let known = params.iter().find(|(known, _)| known == name);
                known.map_or(f32::MAX, |(_, value)| *value)
            };
            most = most.max(reach(kernel.twin.as_deref()?, name, param)?);
        }
        Some(())
    };
    for id in &step.fused {
        let node = &plan.nodes[*id];
        read(&node.inputs, &node.kernel, &node.params)?;
    }
    match step.target {
        Target::Image { node, .. } => {
            let node = &plan.nodes[node];
            read(&node.inputs, &node.kernel, &node.params)?;
        }
        Target::Output(port) => {
            let pack = plan.pack(port);
            // A row of chroma that is computed from the row of the image with its own number.
            let gray = pack.gray && !pack.params.contains(&("model".to_owned(), 2.0));
            let (_, rows) = pack.format.component_extent(1, 1, 2);
            let elsewhere = pack.kernel.inputs.values().any(|reads| reads.elsewhere);
            if rows < 2 && !gray && !elsewhere {
                return None;
            }
            let inputs = [("image".to_owned(), Operand::Image(pack.image))];
            read(&inputs, &pack.kernel, &pack.params)?;
        }
    }
    Some(most)
}

/// The same steps, when parameters have changed and with them the rows that kernels read.
pub(super) fn measured_anew(group: &Group, plan: &Plan) -> Group {
    let steps: Vec<usize> = group.members.iter().map(|member| member.step).collect();
    self::group(plan, &steps)
}

/// The group of these steps, with the rows that each has to make and to keep.
fn group(plan: &Plan, steps: &[usize]) -> Group {
    let mut members: Vec<Member> = Vec::new();
    for step in steps.iter().rev() {
        let mut margin = 0;
        if let Target::Image { node, .. } = plan.steps[*step].target {
            for reader in &members {
                let read = &plan.steps[reader.step];
                if plan.reads(read).contains(&node) {
                    let reach = rows_read(plan, read, node).unwrap_or(0);
                    margin = margin.max(reader.margin + reach);
                }
            }
        }
        members.push(Member {
            step: *step,
            margin,
        });
    }
    members.reverse();
    Group { members }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Coding;
    use crate::frame::{Color, Model, PixelFormat, Rational, Subsampling};
    use crate::graph::plan::{OutputRequest, PlanOptions, Source, StyleUse, Temporal, plan};
    use crate::graph::style::Library;

    /// The default plan of a style at 1080p.
    fn planned(style: &str) -> Plan {
        let library = Library::built_in();
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
        let coding = Coding::resolve(&Color::default(), &format, 1920, 1080);
        let source = Source {
            width: 1920,
            height: 1080,
            coded: Some((format, coding)),
            time_base: Rational::new(1, 25),
            rate: Rational::new(25, 1),
            start: 0,
            interlaced: Default::default(),
        };
        let style = library.load(style).unwrap();
        let request = OutputRequest {
            chain: vec![StyleUse::new(style)],
            format,
            color: Color::default(),
            temporal: Temporal::Adaptive { alpha: 0.3 },
        };
        plan(&library, &source, &[request], PlanOptions::default()).unwrap()
    }

    /// Without images between Canny's last step and the lines made of it, a frame of a cartoon moves fewer bytes.
    #[test]
    fn the_edges_of_a_cartoon_are_widened_while_they_are_made() {
        let plan = planned("cartoon");
        let groups = groups(&plan);
        let label = |member: &Member| plan.step_label(&plan.steps[member.step]);
        let together: Vec<Vec<String>> = groups
            .iter()
            .map(|group| group.members.iter().map(label).collect())
            .collect();
        let lines = together
            .iter()
            .find(|labels| labels.contains(&"cartoon/lines/steady/result".to_owned()));
        let edges = "cartoon/edges/result".to_owned();
        assert!(lines.unwrap().contains(&edges), "{together:#?}");
    }

    /// No group writes into an image that it, or a later one, still reads.
    #[test]
    fn images_stay_until_their_last_group() {
        for style in ["pencil", "cartoon", "comic", "cinematic"] {
            let mut plan = planned(style);
            let groups = groups(&plan);
            assign_slots(&mut plan, groups.iter());
            // For each slot, the node whose image it holds.
            let mut holds = vec![None; plan.slots.len()];
            let mut steps: Vec<usize> = Vec::new();
            for group in &groups {
                let inner: Vec<NodeId> = group
                    .inner()
                    .iter()
                    .filter_map(|member| match plan.steps[member.step].target {
                        Target::Image { node, .. } => Some(node),
                        Target::Output(_) => None,
                    })
                    .collect();
                let written = match plan.steps[group.last()].target {
                    Target::Image { node, slot } => Some((node, slot)),
                    Target::Output(_) => None,
                };
                for member in &group.members {
                    steps.push(member.step);
                    for id in plan.reads(&plan.steps[member.step]) {
                        if inner.contains(&id) {
                            continue;
                        }
                        let slot = plan.slot_of(id).unwrap();
                        assert_eq!(holds[slot], Some(id), "{style}: {}", plan.nodes[id].label);
                        assert_ne!(written.map(|(_, slot)| slot), Some(slot), "{style}");
                    }
                }
                if let Some((node, slot)) = written {
                    holds[slot] = Some(node);
                }
            }
            steps.sort_unstable();
            assert!(steps.into_iter().eq(0..plan.steps.len()), "{style}");
        }
    }
}
