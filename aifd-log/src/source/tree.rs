//! The folders of logs below a folder, such as one for each route and kind.

use super::folder;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How deep folders are looked for; logs lie two below the log folder.
const DEEPEST: usize = 8;

/// Folders that hold logs: this one and those below it, in the order of their names. Links to folders are not followed.
///
/// # Errors
/// When the folder cannot be listed. What cannot be listed below it is left out.
pub fn folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    add(root, DEEPEST, &mut found)?;
    Ok(found)
}

fn add(folder: &Path, deeper: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if !folder::logs(folder)?.is_empty() {
        found.push(folder.to_owned());
    }
    let mut below = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if deeper > 0 && entry.file_type()?.is_dir() {
            below.push(entry.path());
        }
    }
    below.sort();
    for folder in below {
        // It may have been removed meanwhile, or be another user's.
        let _ = add(&folder, deeper - 1, found);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_with_logs_are_found_at_any_depth_and_others_are_not() {
        let root = tempfile::tempdir().unwrap();
        for file in
            ["b/chat/chat.log", "a/chat/chat.log.1.gz", "a/other/readme.txt", "a/embedding/embedding.log"]
        {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        std::os::unix::fs::symlink(root.path(), root.path().join("loop")).unwrap();
        let found = folders(root.path()).unwrap();
        let found: Vec<&Path> = found.iter().map(|path| path.strip_prefix(root.path()).unwrap()).collect();
        assert_eq!(found, ["a/chat", "a/embedding", "b/chat"].map(Path::new));
        assert!(folders(&root.path().join("none")).is_err());
    }
}
