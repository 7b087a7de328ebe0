//! The name of the folder that a route's chats are logged in.

use std::{fmt, path::Path};

/// Name of a route's log folder below the log directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FolderName(String);

/// The folder of a route prefix: `/` becomes `_`, outer `_` fall away, the root route is `openai`.
pub fn folder_name(prefix: &str) -> FolderName {
    let name = prefix.replace('/', "_");
    let name = name.trim_matches('_');
    FolderName(if name.is_empty() { "openai" } else { name }.to_owned())
}

impl fmt::Display for FolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<Path> for FolderName {
    fn as_ref(&self) -> &Path {
        Path::new(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn folders_are_named_as_openai_forward_names_them() {
        let cases = [
            ("/", "openai"),
            ("", "openai"),
            ("/openai", "openai"),
            ("/b/c", "b_c"),
            ("/aa/", "aa"),
            ("/_x_", "x"),
            ("b/c", "b_c"),
        ];
        for (prefix, name) in cases {
            assert_eq!(folder_name(prefix).to_string(), name, "{prefix:?}");
        }
    }
}
