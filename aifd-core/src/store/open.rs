//! Opening a store: its folder, its lock, its version, and whether everything is there that had been written.

use super::{
    CACHE_BYTES, DataFolder, STATE, STORE_VERSION, Store, StoreError,
    error::Damage,
    folder, holder,
    image::{self, Image},
    keys::KeyTree,
    lock::{self, Lock},
    mark, quiet,
    tree::Tree,
};
use crate::{clock, key::Hasher};
use std::{fs::OpenOptions, io, path::Path, sync::Arc, time::Duration};

/// Between two attempts at a lock.
const STEP: Duration = Duration::from_millis(10);

/// What sled calls a snapshot that is being written.
const UNFINISHED_SNAPSHOT: &str = "generating";

impl Store {
    /// Opens the store of a data folder, makes both where they are missing, and reads what is needed of it. `wait` is
    /// how long another process that has it open is waited for.
    ///
    /// # Errors
    /// The folder cannot be used, the store is held, newer or damaged, or `read` found it so. None of its files was
    /// changed then.
    pub(crate) fn open_with<T>(
        data_dir: &Path,
        wait: Duration,
        read: impl Fn(&Store) -> Result<T, StoreError>,
    ) -> Result<(Store, T), StoreError> {
        let folder = DataFolder::prepare(data_dir)?;
        let path = data_dir.join(STATE);
        let since = clock::now();
        loop {
            match open_once(&folder, &path, &read) {
                // sled's own threads may hold the lock for a moment after a store was dropped.
                Err(StoreError::Held { .. }) if clock::now().duration_since(since) < wait => {
                    std::thread::sleep(STEP);
                }
                Err(StoreError::Held { path, .. }) => {
                    let pid = holder::of(&lock::path(data_dir)).or_else(|| holder::of(&path.join("db")));
                    return Err(StoreError::Held { path, pid });
                }
                opened => return opened,
            }
        }
    }
}

/// Makes the mark of a new database; of one that is there, finds out whether it may be written, since sled tells a
/// file that it may not open as a lock that it could not get.
fn marked(path: &Path) -> Result<(), StoreError> {
    let unusable = |why| StoreError::Folder { path: path.to_owned(), why };
    if std::fs::read_dir(path).map_err(unusable)?.next().is_none() {
        return mark::begin(path).map_err(unusable);
    }
    if !mark::exists(path) {
        return Err(StoreError::damaged(path, Damage::Foreign));
    }
    match OpenOptions::new().read(true).write(true).open(path.join("db")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(error)),
        _ => Ok(()),
    }
}

/// Removes what a kill left half written, and sled would take for whole.
fn remove_unfinished(path: &Path) -> io::Result<()> {
    // A snapshot gets its name when it is complete, and the one before it stays until then.
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == UNFINISHED_SNAPSHOT) {
            std::fs::remove_file(file)?;
        }
    }
    // sled writes its settings before it makes the file of its data: without that, nothing was ever stored.
    let conf = path.join("conf");
    if mark::read(path)? == mark::BEGUN && !path.join("db").exists() && conf.exists() {
        std::fs::remove_file(conf)?;
    }
    Ok(())
}

fn open_once<T>(
    folder: &DataFolder,
    path: &Path,
    read: &impl Fn(&Store) -> Result<T, StoreError>,
) -> Result<(Store, T), StoreError> {
    let unusable = |path: &Path| {
        let path = path.to_owned();
        |why| StoreError::Folder { path, why }
    };
    let held = || StoreError::Held { path: path.to_owned(), pid: None };
    let lock = Lock::take(folder.path()).map_err(unusable(folder.path()))?.ok_or_else(held)?;
    // Also held here, until a damaged store is put back.
    let lock = Arc::new(lock);
    if holder::is_locked(&path.join("db")) {
        return Err(held());
    }
    image::finish_restoring(path).and_then(|()| folder::make_state(path)).map_err(unusable(path))?;
    marked(path)?;
    let image = Image::take(path);
    // A flaw that sled did not foresee is a panic in it. Nothing of it is used afterwards.
    let opened = quiet::catch(|| {
        let store = database(folder, path, lock.clone())?;
        let found = read(&store)?;
        Ok((store, found))
    });
    let opened = opened.unwrap_or_else(|why| Err(StoreError::damaged(path, Damage::Database(why))));
    if let (Err(StoreError::Damaged { .. } | StoreError::Newer { .. }), Some(image)) = (&opened, image) {
        image.restore();
    }
    opened
}

fn database(folder: &DataFolder, path: &Path, lock: Arc<Lock>) -> Result<Store, StoreError> {
    let damaged = |error: io::Error| StoreError::damaged(path, Damage::Database(error.to_string()));
    let marked = mark::read(path).map_err(damaged)?;
    remove_unfinished(path).map_err(damaged)?;
    // Keys are flushed where they are written and the rest by its owner, so sled needs no thread for that.
    let config = sled::Config::new().path(path).cache_capacity(CACHE_BYTES).flush_every_ms(None);
    let db = opened(config, path)?.map_err(|error| match &error {
        sled::Error::Io(io) if io.to_string().contains("could not acquire lock") => {
            StoreError::Held { path: path.to_owned(), pid: None }
        }
        sled::Error::Unsupported(why) => StoreError::damaged(path, Damage::Database(why.clone())),
        _ => StoreError::failed(path, error),
    })?;
    let store = Store {
        folder: folder.clone(),
        path: path.to_owned(),
        meta: Tree::open(&db, path, "meta")?,
        keys: KeyTree::open(&db, path)?,
        last_used: Tree::open(&db, path, "last_used")?,
        ledger: Tree::open(&db, path, "ledger")?,
        db,
        _lock: lock,
    };
    store.check_version(marked)?;
    store.keys.check(marked)?;
    Ok(store)
}

/// Opens on a thread that has allocated nothing: sled asks for 28 MB of zeros that it never uses, and an allocator
/// gives them untouched only out of memory that nobody has had.
fn opened(config: sled::Config, path: &Path) -> Result<sled::Result<sled::Db>, StoreError> {
    let thread = crate::tasks::thread("aifd-store", move || quiet::catch(|| config.open()));
    let thread = thread.map_err(|why| StoreError::Failed { path: path.to_owned(), why: why.to_string() })?;
    let opened = thread.join().unwrap_or_else(|_| Err("the database cannot be opened".to_owned()));
    opened.map_err(|why| StoreError::damaged(path, Damage::Database(why)))
}

impl Store {
    fn check_version(&self, marked: u64) -> Result<(), StoreError> {
        let damaged = |why| Err(StoreError::damaged(&self.path, why));
        match self.meta.get("version")?.map(|version| version.as_u64()) {
            Some(Some(version)) if version == u64::from(STORE_VERSION) => Ok(()),
            Some(Some(version)) if version > u64::from(STORE_VERSION) => {
                Err(StoreError::Newer { path: self.path.clone(), version, known: STORE_VERSION })
            }
            Some(_) => {
                damaged(Damage::Entry { entry: "version".to_owned(), why: "no known version".to_owned() })
            }
            None if marked == mark::BEGUN => self.begin(),
            None => damaged(Damage::Empty),
        }
    }

    /// A store that is new.
    fn begin(&self) -> Result<(), StoreError> {
        let hasher = Hasher::random().map_err(|error| StoreError::Failed {
            path: self.path.clone(),
            why: format!("the system gave no random bytes: {error}"),
        })?;
        let entries = [
            (super::HASH_KEYS, serde_json::json!([hasher.key()])),
            ("version", serde_json::json!(STORE_VERSION)),
        ];
        self.meta.apply(entries.map(|(key, value)| (key, Some(value))))?;
        self.flush()?;
        self.add_keys(&[])
    }
}
