//! Who holds a store: the process that has its lock, as far as the system tells.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// The process that holds a lock on this file.
pub(super) fn of(file: &Path) -> Option<u32> {
    // 0 stands for a process outside this container.
    locked(file).filter(|pid| *pid != 0)
}

/// Whether somebody holds a lock on this file, as far as the system tells.
pub(super) fn is_locked(file: &Path) -> bool {
    locked(file).is_some()
}

fn locked(file: &Path) -> Option<u32> {
    let found = fs::metadata(file).ok()?;
    let locks = fs::read_to_string("/proc/locks").ok()?;
    holder(&locks, found.dev(), found.ino())
}

/// A line is `1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF`: process, device in hex, file.
fn holder(locks: &str, device: u64, file: u64) -> Option<u32> {
    let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00));
    let place = format!("{major:02x}:{minor:02x}:{file}");
    let held = locks.lines().find(|line| line.split_whitespace().any(|word| word == place))?;
    held.split_whitespace().nth(4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::holder;

    #[test]
    fn the_lock_of_a_file_names_its_process() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 fd:01:100 0 EOF\n2: FLOCK  ADVISORY  WRITE 22 fd:01:200 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 0 fd:01:300 0 EOF\n";
        let device = (0xfd << 8) | 1;
        assert_eq!(holder(locks, device, 200), Some(22));
        assert_eq!(holder(locks, device, 300), Some(0));
        assert_eq!(holder(locks, device, 20), None);
        assert_eq!(holder(locks, 1, 200), None);
    }
}
