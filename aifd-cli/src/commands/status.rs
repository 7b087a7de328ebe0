//! `aifd status`: how the running server does.

use super::admin::{self, Admin};
use crate::{
    cli::{self, Place},
    moment,
    report::Failure,
    ui::{Fields, Ui, bytes, grouped},
};
use aifd_core::{
    clock,
    control::{ControlError, Request, Response, Status, UpstreamKeyStatus},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

/// Prints it; no server is a failure.
pub(super) fn status(arguments: &cli::Status, ui: &Ui) -> Result<(), Failure> {
    match ask(&arguments.place)? {
        Ok(Response::Status(status)) if arguments.json => {
            Ok(ui.json(&Running { running: true, status: &status })?)
        }
        Ok(Response::Status(status)) => Ok(ui.data(text(&status, clock::utc(), ui))?),
        Ok(_) => Err(Failure::OtherAnswer),
        Err(error) => {
            if let (true, ControlError::NotRunning { path }) = (arguments.json, &error) {
                ui.json(&json!({"running": false, "data_dir": path}))?;
            }
            Err(Failure::Control { error, nearest: None })
        }
    }
}

/// Looking makes no folder: where there is none, no server runs.
fn ask(place: &Place) -> Result<Result<Response, ControlError>, Failure> {
    let config = admin::configuration(place)?;
    if !config.data_dir.path.exists() {
        let path = config.data_dir.path.display().to_string();
        return Ok(Err(ControlError::NotRunning { path }));
    }
    Ok(Admin::of(config)?.try_ask(Request::Status))
}

#[derive(Serialize)]
struct Running<'a> {
    running: bool,
    #[serde(flatten)]
    status: &'a Status,
}

fn text(status: &Status, now: DateTime<Utc>, ui: &Ui) -> String {
    let mut parts = vec![overview(status).render(ui.paint())];
    let mut routes = ui.table(["ROUTE", "UPSTREAM", "REQUESTS"]).numbers([2]);
    for route in &status.routes {
        let prefix = if route.route.is_empty() { "/" } else { &route.route };
        routes.row([prefix.to_owned(), route.base_url.clone(), grouped(route.requests)]);
    }
    parts.push(routes.to_string());
    if !status.refused.is_empty() {
        let mut refused = ui.table(["LIMIT HIT", "TIMES"]).numbers([1]);
        for (code, count) in &status.refused {
            refused.row([code.clone(), grouped(*count)]);
        }
        parts.push(refused.to_string());
    }
    if !status.upstream_keys.is_empty() {
        let mut keys = ui.table(["UPSTREAM KEY", "ROUTE", "LEVELS", "STATE"]);
        for key in &status.upstream_keys {
            keys.row(upstream_key(key, now));
        }
        parts.push(keys.to_string());
    }
    parts.join("\n")
}

fn overview(status: &Status) -> Fields {
    let requests = &status.requests;
    let ended = format!(
        "{} succeeded, {} refused or wrong, {} failed, {} cancelled",
        grouped(requests.succeeded),
        grouped(requests.client_errors),
        grouped(requests.server_errors),
        grouped(requests.cancelled),
    );
    let store = status.store.as_ref().map_or_else(
        || "none: the folder cannot be written".to_owned(),
        |store| format!("{} ({}, {} keys)", store.path, bytes(store.bytes), grouped(store.keys)),
    );
    Fields::default()
        .field("aifd", status.version.clone())
        .field("address", status.address.clone())
        .field("process", status.pid.to_string())
        .field(
            "uptime",
            format!("{} (since {})", moment::long(status.uptime_s), moment::exact(status.started)),
        )
        .field("requests", grouped(requests.total))
        .field(
            "under way",
            format!("{} ({} streams)", grouped(requests.in_flight), grouped(requests.streams)),
        )
        .field("ended", ended)
        .field("store", store)
}

fn upstream_key(key: &UpstreamKeyStatus, now: DateTime<Utc>) -> [String; 4] {
    let levels: Vec<String> = key.levels.iter().map(ToString::to_string).collect();
    let state = match (key.set_aside_until, &key.reason) {
        (None, _) => "serves".to_owned(),
        (Some(until), reason) => {
            let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("set aside, back {}{reason}", moment::relative(until, now))
        }
    };
    [key.key.to_string(), key.route.clone().unwrap_or_else(|| "all".to_owned()), levels.join(", "), state]
}
