//! A file that takes the place of another only when it is whole.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};
use tempfile::{Builder, NamedTempFile};

/// A file being written beside its place; dropped, it is gone, and what stood there stays.
#[derive(Debug)]
pub(super) struct Pending {
    target: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// To be renamed.
    Beside(NamedTempFile),
    /// No file, such as a pipe: written to as it is.
    Direct(File),
}

impl Pending {
    /// Begins a file. Folders on the way to it are made; a link stays one, and what it leads to is replaced.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn new(target: &Path) -> io::Result<Self> {
        let before = match fs::metadata(target) {
            Ok(before) if before.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(before) if !before.is_file() => {
                let direct = OpenOptions::new().write(true).open(target)?;
                return Ok(Pending { target: target.to_owned(), kind: Kind::Direct(direct) });
            }
            before => before.ok(),
        };
        let target = if before.is_some() { fs::canonicalize(target)? } else { target.to_owned() };
        let folder = match target.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&folder)?;
        let beside = temporary(&target, before.map(|before| before.permissions()), &folder)?;
        Ok(Pending { target, kind: Kind::Beside(beside) })
    }

    /// The file to write to. It shares its place in it with other handles of this.
    ///
    /// # Errors
    /// When the system has no handle left.
    pub(super) fn file(&self) -> io::Result<File> {
        match &self.kind {
            Kind::Beside(beside) => beside.as_file().try_clone(),
            Kind::Direct(direct) => direct.try_clone(),
        }
    }

    /// Puts it in its place, or in another one in the same folder.
    ///
    /// # Errors
    /// When it cannot be stored or renamed; what stood there stays.
    pub(super) fn finish(self, renamed: Option<PathBuf>) -> io::Result<PathBuf> {
        let target = renamed.unwrap_or(self.target);
        if let Kind::Beside(beside) = self.kind {
            beside.as_file().sync_all()?;
            beside.persist(&target).map_err(|error| error.error)?;
        }
        Ok(target)
    }
}

/// A hidden name that tells whose it is, should a kill leave it there.
fn temporary(target: &Path, like: Option<fs::Permissions>, folder: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let name = target.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let prefix = format!(".{name}.");
    // The system's mask decides about a new file, as it does anywhere.
    let usual = fs::Permissions::from_mode(0o666);
    let beside = Builder::new().prefix(&prefix).suffix(".part").permissions(usual).tempfile_in(folder)?;
    if let Some(like) = like {
        beside.as_file().set_permissions(like)?;
    }
    Ok(beside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Write, os::unix::fs::PermissionsExt};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_stood_there_stays_until_the_new_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("new/out.json");
        let first = Pending::new(&target).unwrap();
        first.file().unwrap().write_all(b"one").unwrap();
        assert!(!target.exists());
        first.finish(None).unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        let second = Pending::new(&target).unwrap();
        second.file().unwrap().write_all(b"two").unwrap();
        drop(second);
        assert_eq!(
            (fs::read(&target).unwrap().as_slice(), names(target.parent().unwrap()).len()),
            (&b"one"[..], 1)
        );
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let third = Pending::new(&link).unwrap();
        third.file().unwrap().write_all(b"three").unwrap();
        third.finish(None).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"three");
        assert!(link.is_symlink());
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn what_is_no_file_is_written_to_or_refused() {
        let null = Pending::new(Path::new("/dev/null")).unwrap();
        null.file().unwrap().write_all(b"x").unwrap();
        null.finish(None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Pending::new(folder.path()).unwrap_err().kind(), io::ErrorKind::IsADirectory);
    }
}
