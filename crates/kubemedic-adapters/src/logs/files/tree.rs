//! The files below a folder: bounded, in order, and never out of it, wherever links point.

use std::{
    collections::BTreeSet,
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::place::Place;

/// How deep folders are looked into.
const MAX_DEPTH: usize = 16;
/// The most files and folders that are looked at.
const MAX_ENTRIES: usize = 50_000;

/// One file.
#[derive(Debug, Clone)]
pub(super) struct LogFile {
    /// Its real path, without links.
    pub(super) path: PathBuf,
    /// Its path below the folder, for people.
    pub(super) shown: String,
    /// When it was last written.
    pub(super) modified: Timestamp,
    /// Its pod, if the path tells.
    pub(super) place: Place,
}

impl LogFile {
    /// Whether its name says that it is compressed with gzip.
    pub(super) fn is_gzip(&self) -> bool {
        self.path
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("gz"))
    }
}

/// The files below a folder.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// The files, by path.
    pub(super) files: Vec<LogFile>,
    /// How many links point out of the folder; they are not followed.
    pub(super) refused_links: usize,
    /// Whether there are more than were looked at.
    pub(super) is_cut: bool,
}

/// Lists the files below a folder.
pub(super) fn list(root: &Path) -> io::Result<Tree> {
    let root = root.canonicalize()?;
    let mut walk = Walk {
        seen: BTreeSet::from([root.clone()]),
        folders: vec![(root.clone(), PathBuf::new(), 0)],
        looked_at: 0,
        tree: Tree::default(),
        root,
    };
    // Only the folder itself must be readable: others may belong to somebody else, or be gone by now.
    fs::read_dir(&walk.root)?;
    while let Some((folder, below, depth)) = walk.folders.pop() {
        walk.folder(&folder, &below, depth);
    }
    walk.tree.files.sort_by(|a, b| a.shown.cmp(&b.shown));
    Ok(walk.tree)
}

/// A walk under way.
struct Walk {
    root: PathBuf,
    /// Real paths, so that a link to a file in the folder does not double it and loops of links end.
    seen: BTreeSet<PathBuf>,
    folders: Vec<(PathBuf, PathBuf, usize)>,
    looked_at: usize,
    tree: Tree,
}

impl Walk {
    fn folder(&mut self, folder: &Path, below: &Path, depth: usize) {
        let mut names: Vec<_> = match fs::read_dir(folder) {
            Ok(entries) => entries
                .filter_map(|entry| Some(entry.ok()?.file_name()))
                .collect(),
            Err(_) => return,
        };
        names.sort();
        for name in names {
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            self.looked_at += 1;
            if self.looked_at > MAX_ENTRIES {
                self.tree.is_cut = true;
                return;
            }
            self.entry(&folder.join(&name), below.join(&name), depth);
        }
    }

    fn entry(&mut self, path: &Path, below: PathBuf, depth: usize) {
        let Ok(real) = path.canonicalize() else {
            return;
        };
        if !real.starts_with(&self.root) {
            self.tree.refused_links += 1;
            return;
        }
        let Ok(metadata) = fs::metadata(&real) else {
            return;
        };
        if metadata.is_dir() {
            if depth >= MAX_DEPTH {
                self.tree.is_cut = true;
            } else if self.seen.insert(real.clone()) {
                self.folders.push((real, below, depth + 1));
            }
        } else if metadata.is_file() && self.seen.insert(real.clone()) {
            self.tree.files.push(LogFile {
                modified: modified(&metadata),
                place: Some(Place::of(&below))
                    .filter(|place| *place != Place::default())
                    .unwrap_or_else(|| Place::of(&real)),
                shown: below.display().to_string(),
                path: real,
            });
        }
    }
}

fn modified(metadata: &Metadata) -> Timestamp {
    let written = metadata.modified().ok();
    written
        .and_then(|at| Timestamp::try_from(at).ok())
        .unwrap_or(Timestamp::MIN)
}
