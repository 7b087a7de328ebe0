//! One function that does what is asked, for a running server and for a command that opened the store itself.

use super::{Administration, ControlError, Request, Response, StoreStatus, cache, keys, usage};
use crate::{
    key::KeyFault,
    store::{Store, StoreError},
};

/// Does what is asked. Changes are on disk, and in effect for every worker, when this returns.
///
/// # Errors
/// It could not be done; then nothing of it was.
pub(crate) fn apply(on: &Administration, request: Request) -> Result<Response, ControlError> {
    match request {
        Request::ListKeys => Ok(keys::list(on)),
        Request::ShowKey { key } => keys::show(on, &key),
        Request::CreateKeys { drafts } => keys::create(on, drafts),
        Request::RestoreKeys { export } => keys::restore(on, export),
        Request::ChangeKeys { keys, change } => keys::change(on, &keys, &change),
        Request::RotateKey { key, grace_s, secret } => keys::rotate(on, &key, grace_s, secret),
        Request::DeleteKeys { keys } => keys::delete(on, &keys),
        Request::ExportKeys => keys::export(on),
        Request::Usage { since, until, key, model } => {
            usage::usage(on, &usage::Asked { since, until, key, model })
        }
        Request::Status => status(on),
        Request::Cache(request) => cache::apply(on, request),
    }
}

fn status(on: &Administration) -> Result<Response, ControlError> {
    let path = || on.data_dir.display().to_string();
    let mut status = on.status().ok_or_else(|| ControlError::NotRunning { path: path() })?;
    status.store = on.store.as_ref().map(|store| StoreStatus {
        path: store.path().display().to_string(),
        bytes: store.bytes(),
        keys: store.key_count(),
    });
    Ok(Response::Status(Box::new(status)))
}

impl Administration {
    pub(super) fn store(&self) -> Result<&Store, ControlError> {
        self.store.as_ref().ok_or(ControlError::NoStore)
    }

    /// For what the system has to give.
    pub(super) fn no_random(&self, error: getrandom::Error) -> ControlError {
        ControlError::Store {
            path: self.data_dir.display().to_string(),
            why: format!("the system gave no random bytes: {error}"),
        }
    }
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        ControlError::Store { path: error.path().display().to_string(), why: error.why() }
    }
}

impl ControlError {
    pub(super) fn invalid(fault: &KeyFault, index: Option<usize>) -> Self {
        ControlError::Invalid { field: fault.field.to_owned(), why: fault.why.to_string(), index }
    }
}
