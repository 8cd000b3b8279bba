//! Paths of a job that lie elsewhere on other machines: they are stored from the job's folder on, as far as that leads.

use std::path::{Component, Path, PathBuf, absolute};

/// Where paths lead on machines that mount them elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathMap {
    /// What paths begin with on the machine that makes the plan.
    pub from: PathBuf,
    /// What takes its place on the others.
    pub to: PathBuf,
}

/// The whole path of `path`, links resolved as far as it is there.
pub(super) fn whole(path: &Path) -> PathBuf {
    if let Ok(found) = path.canonicalize() {
        return found;
    }
    let path = absolute(path).unwrap_or_else(|_| path.into());
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => whole(folder).join(name),
        _ => path,
    }
}

/// `path` as it is stored for the job in the folder `job`: from there on, unless `maps` say where it is on other machines, or
/// it has nothing in common with that folder. Both are whole paths.
pub(super) fn stored(path: &Path, job: &Path, maps: &[PathMap]) -> PathBuf {
    let is_mapped = maps.iter().any(|map| path.starts_with(&map.from));
    let common = path
        .components()
        .zip(job.components())
        .take_while(|(a, b)| a == b)
        .filter(|(part, _)| matches!(part, Component::Normal(_)))
        .count();
    if is_mapped || common == 0 {
        return path.into();
    }
    let normal = |path: &Path| -> Vec<PathBuf> {
        let parts = path.components();
        let parts = parts.filter(|part| matches!(part, Component::Normal(_)));
        parts.map(|part| PathBuf::from(part.as_os_str())).collect()
    };
    let (path, job) = (normal(path), normal(job));
    let up = std::iter::repeat_n(PathBuf::from(".."), job.len() - common);
    up.chain(path.into_iter().skip(common)).collect()
}

/// Where the stored `path` lies on this machine, for the job in the folder `job`, a whole path.
pub(super) fn found(path: &Path, job: &Path, maps: &[PathMap]) -> PathBuf {
    if path.is_relative() {
        return joined(job, path);
    }
    let is_there = |path: &Path| path.exists() || path.parent().is_some_and(Path::is_dir);
    let mapped = maps.iter().find_map(|map| {
        let rest = path.strip_prefix(&map.from).ok()?;
        Some(map.to.join(rest))
    });
    match mapped {
        Some(mapped) if !path.exists() && (is_there(&mapped) || !is_there(path)) => mapped,
        _ => path.into(),
    }
}

/// `path` as `place` gives it. One that names a folder by a slash at its end still does.
pub(super) fn placed(path: &Path, place: impl Fn(&Path) -> PathBuf) -> PathBuf {
    let mut placed = place(path);
    if path.as_os_str().to_string_lossy().ends_with('/') {
        placed.push("");
    }
    placed
}

/// `path` from `folder` on, without `..` in it.
fn joined(folder: &Path, path: &Path) -> PathBuf {
    let mut all = folder.to_owned();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                all.pop();
            }
            Component::CurDir => {}
            part => all.push(part),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_stored_from_the_folder_on() {
        let job = Path::new("/mnt/farm/jobs/film");
        for (path, expected) in [
            ("/mnt/farm/in/a.mp4", "../../in/a.mp4"),
            ("/mnt/farm/jobs/film/look.cube", "look.cube"),
            ("/mnt/other/a.mp4", "../../../other/a.mp4"),
            ("/home/me/a.mp4", "/home/me/a.mp4"),
        ] {
            let stored = stored(Path::new(path), job, &[]);
            assert_eq!(stored, Path::new(expected));
            assert_eq!(found(&stored, job, &[]), Path::new(path));
            // Mounted elsewhere, the same tree is found.
            if stored.is_relative() && path.starts_with("/mnt/farm") {
                let elsewhere = Path::new("/Volumes/nas/jobs/film");
                let there = found(&stored, elsewhere, &[]);
                assert_eq!(there, Path::new(&path.replace("/mnt/farm", "/Volumes/nas")));
            }
        }
    }

    #[test]
    fn a_map_leads_to_where_a_path_is() {
        let dir = tempfile::tempdir().unwrap();
        let [here, there] = ["here", "there"].map(|name| dir.path().join(name));
        for folder in [&here, &there] {
            std::fs::create_dir(folder).unwrap();
        }
        let maps = [PathMap {
            from: here.clone(),
            to: there.clone(),
        }];
        let (path, mapped) = (here.join("a.mp4"), there.join("a.mp4"));
        let job = dir.path().join("job");
        assert_eq!(stored(&path, &job, &maps), path);
        std::fs::write(&path, "a").unwrap();
        assert_eq!(found(&path, &job, &maps), path);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&mapped, "a").unwrap();
        assert_eq!(found(&path, &job, &maps), mapped);
    }
}
