//! Following the files below a folder as `tail -F` does: through renames, through copies that truncate, into new files.
//! Files are looked at when they are asked for; there is no thread and no notification behind it.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{
    filter::glob,
    place::Place,
    tree::{self, LogFile},
};

/// The most files that are followed at a time.
const MAX_FOLLOWED: usize = 2000;
/// The most bytes of one file that one look takes; the rest is there at the next.
const MAX_LOOK: u64 = 8 * 1024 * 1024;
/// The longest line that is waited for; a longer one is given in pieces.
const MAX_PARTIAL: usize = 1024 * 1024;
/// How many bytes at the start of a file tell it from another.
const HEAD: usize = 256;
/// The fewest bytes at the start that tell anything.
const LEAST_HEAD: usize = 16;

/// New lines of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLines {
    /// The file, below the folder.
    pub file: String,
    /// Its pod, if the path tells.
    pub place: Place,
    /// The lines, without their ends.
    pub lines: Vec<String>,
}

/// Follows files.
#[derive(Debug)]
pub struct Follower {
    folder: PathBuf,
    pattern: Option<Vec<char>>,
    from_start: bool,
    is_first: bool,
    followed: BTreeMap<Identity, Followed>,
}

/// What stays the same when a file is renamed.
type Identity = (u64, u64);

/// A file that is followed.
#[derive(Debug)]
struct Followed {
    file: File,
    shown: String,
    place: Place,
    offset: u64,
    head: Vec<u8>,
    partial: Vec<u8>,
    /// It was made by copying a followed file, and may still grow up to where that one was read.
    is_copy: bool,
}

impl Follower {
    /// Follows the files below a folder whose path below it matches a pattern (`*`, `?`), if one is given. What is in the files now
    /// is passed over unless `from_start` is set.
    pub fn new(folder: PathBuf, pattern: Option<&str>, from_start: bool) -> Self {
        Self {
            folder,
            pattern: pattern.map(|it| it.chars().collect()),
            from_start,
            is_first: true,
            followed: BTreeMap::new(),
        }
    }

    /// How many files are followed.
    pub fn count(&self) -> usize {
        self.followed.len()
    }

    /// Takes note of what is there already. Without it the first look does.
    ///
    /// # Errors
    /// When the folder itself cannot be read.
    pub fn begin(&mut self) -> io::Result<()> {
        if !self.from_start {
            self.look()?;
        }
        Ok(())
    }

    /// Looks for new lines.
    ///
    /// # Errors
    /// When the folder itself cannot be read.
    pub fn look(&mut self) -> io::Result<Vec<NewLines>> {
        let files = tree::list(&self.folder)?.files;
        let mut present = BTreeMap::new();
        for file in files.into_iter().filter(|file| self.is_wanted(file)) {
            if let Some(identity) = identity(&file.path) {
                present.insert(identity, file);
            }
        }
        let mut found = Vec::new();
        let gone: Vec<Identity> = self
            .followed
            .keys()
            .filter(|it| !present.contains_key(it))
            .copied()
            .collect();
        for identity in gone {
            // The open handle still reaches what was written before the file was removed or compressed.
            if let Some(mut followed) = self.followed.remove(&identity) {
                found.extend(followed.rest());
            }
        }
        for (identity, file) in present {
            self.join(identity, file);
        }
        for followed in self.followed.values_mut() {
            found.extend(followed.look());
        }
        self.is_first = false;
        found.sort_by(|a, b| a.file.cmp(&b.file));
        Ok(found)
    }

    fn is_wanted(&self, file: &LogFile) -> bool {
        let fits = self
            .pattern
            .as_ref()
            .is_none_or(|pattern| glob(pattern, &file.shown));
        fits && !file.is_gzip()
    }

    /// Follows a file that is new; a known one may have a new name.
    fn join(&mut self, identity: Identity, file: LogFile) {
        if let Some(known) = self.followed.get_mut(&identity) {
            known.shown = file.shown;
            return;
        }
        if self.followed.len() >= MAX_FOLLOWED {
            return;
        }
        let Some(mut followed) = Followed::open(file) else {
            return;
        };
        let skips = self.is_first && !self.from_start;
        if skips {
            followed.offset = followed.length().unwrap_or(0);
        } else if let Some(original) = self.followed.values().find(|other| other.is_copied_in(&followed)) {
            followed.offset = original.offset;
            followed.partial.clone_from(&original.partial);
            followed.is_copy = true;
        }
        self.followed.insert(identity, followed);
    }
}

impl Followed {
    fn open(file: LogFile) -> Option<Self> {
        let mut opened = File::open(&file.path).ok()?;
        let head = head(&mut opened).ok()?;
        (!head.contains(&0)).then_some(Self {
            file: opened,
            shown: file.shown,
            place: file.place,
            offset: 0,
            head,
            partial: Vec::new(),
            is_copy: false,
        })
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Whether another file starts as this one did: then it is its copy, made before this one is truncated.
    fn is_copied_in(&self, other: &Self) -> bool {
        let (own, others) = (Path::new(&self.shown), Path::new(&other.shown));
        let stem = own.file_stem().and_then(|it| it.to_str());
        let name = others.file_name().and_then(|it| it.to_str());
        let is_named_so = stem.zip(name).is_some_and(|(stem, name)| name.starts_with(stem));
        let starts_so = self.head.len() >= LEAST_HEAD && other.head.starts_with(&self.head);
        self.offset > 0 && own.parent() == others.parent() && is_named_so && starts_so
    }

    fn look(&mut self) -> Option<NewLines> {
        let lines = self.new_lines().unwrap_or_default();
        self.told(lines)
    }

    /// Everything that is left, with a last line that has no end.
    fn rest(&mut self) -> Option<NewLines> {
        let mut lines = Vec::new();
        loop {
            let before = self.offset;
            lines.extend(self.new_lines().unwrap_or_default());
            if self.offset == before {
                break;
            }
        }
        if !self.partial.is_empty() {
            lines.push(text(&std::mem::take(&mut self.partial)));
        }
        self.told(lines)
    }

    fn told(&self, lines: Vec<String>) -> Option<NewLines> {
        (!lines.is_empty()).then(|| NewLines {
            file: self.shown.clone(),
            place: self.place.clone(),
            lines,
        })
    }

    fn new_lines(&mut self) -> io::Result<Vec<String>> {
        let length = self.length()?;
        if self.is_copy && length < self.offset {
            return Ok(Vec::new());
        }
        if length == self.offset && !self.is_copy {
            return Ok(Vec::new());
        }
        let mut lines = Vec::new();
        if length < self.offset || self.is_replaced()? {
            if !self.partial.is_empty() {
                lines.push(text(&std::mem::take(&mut self.partial)));
            }
            self.offset = 0;
            self.head.clear();
        }
        self.is_copy = false;
        if self.head.len() < HEAD {
            self.head = head(&mut self.file)?;
        }
        self.file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        let read = (&mut self.file).take(MAX_LOOK).read_to_end(&mut bytes)?;
        self.offset += u64::try_from(read).unwrap_or(u64::MAX);
        self.split(&bytes, &mut lines);
        Ok(lines)
    }

    /// Whether the start of the file is another than it was: it was truncated and has grown beyond what was read.
    fn is_replaced(&mut self) -> io::Result<bool> {
        let now = head(&mut self.file)?;
        Ok(!now.starts_with(&self.head))
    }

    fn split(&mut self, bytes: &[u8], lines: &mut Vec<String>) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend(piece);
            let is_whole = piece.ends_with(b"\n");
            if is_whole || self.partial.len() >= MAX_PARTIAL {
                lines.push(text(&std::mem::take(&mut self.partial)));
            }
        }
    }
}

fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8_lossy(line).into_owned()
}

fn head(file: &mut File) -> io::Result<Vec<u8>> {
    file.rewind()?;
    let mut head = Vec::with_capacity(HEAD);
    let limit = u64::try_from(HEAD).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut head)?;
    Ok(head)
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Without inodes a file is its path: a renamed one is then a new one.
#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    std::fs::metadata(path).ok()?;
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    Some((0, hasher.finish()))
}

#[cfg(test)]
mod tests;
