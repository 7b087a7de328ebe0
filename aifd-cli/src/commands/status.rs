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
    control::{ControlError, LogStatus, Request, Response, Status, UpstreamKeyStatus},
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
        let mut refused = ui.table(["ERROR", "TIMES"]).numbers([1]);
        for (code, count) in &status.refused {
            refused.row([code.clone(), grouped(*count)]);
        }
        parts.push(refused.to_string());
    }
    if let Some(logs) = status.logs.as_ref().filter(|logs| !logs.failing.is_empty()) {
        let mut failing = ui.table(["LOG", "FAILS SINCE", "KEPT", "WHY"]);
        for log in &logs.failing {
            let since = moment::relative(log.since, now);
            failing.row([log.path.clone(), since, bytes(log.held_bytes), log.why.clone()]);
        }
        parts.push(failing.to_string());
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
        |store| {
            let plural = if store.keys == 1 { "" } else { "s" };
            format!("{} ({}, {} key{plural})", store.path, bytes(store.bytes), grouped(store.keys))
        },
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
        .field_if("logs", status.logs.as_ref().map(written))
        .field("store", store)
}

fn written(logs: &LogStatus) -> String {
    let lost = if logs.lost > 0 { format!(", {} lost", grouped(logs.lost)) } else { String::new() };
    let unread = match logs.unread_events {
        0 => String::new(),
        1 => ", 1 event of a stream not read".to_owned(),
        events => format!(", {} events of streams not read", grouped(events)),
    };
    let failing = if logs.failing.is_empty() { "" } else { "; some cannot be written" };
    format!("{} ({} lines{lost}{unread}{failing})", logs.dir, grouped(logs.lines))
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

#[cfg(test)]
mod tests {
    use super::*;
    use aifd_core::{
        config::Level,
        control::{FailingLog, RequestCounts, RouteStatus, StoreStatus},
        key::Masked,
    };

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn running() -> Status {
        let key = |key: &str, until: Option<&str>, reason: Option<&str>| UpstreamKeyStatus {
            key: Masked(key.to_owned()),
            route: None,
            levels: vec![Level(0), Level(1)],
            set_aside_until: until.map(at),
            reason: reason.map(str::to_owned),
        };
        let route = |route: &str, base_url: &str, requests| RouteStatus {
            route: route.to_owned(),
            base_url: base_url.to_owned(),
            requests,
        };
        Status {
            version: "0.1.0".to_owned(),
            pid: 4711,
            address: "http://127.0.0.1:8000".to_owned(),
            started: at("2027-01-07T08:00:00Z"),
            uptime_s: 273_600,
            routes: vec![
                route("", "https://api.openai.com/", 12_345),
                route("/anthropic", "https://api.anthropic.com/", 0),
            ],
            requests: RequestCounts {
                total: 12_345,
                in_flight: 3,
                streams: 2,
                succeeded: 12_000,
                client_errors: 300,
                server_errors: 40,
                cancelled: 2,
            },
            refused: [("policy_request_limit_exceeded".to_owned(), 1_200)].into(),
            upstream_keys: vec![
                key("sk-…abcd", None, None),
                key("sk-…efgh", Some("2027-01-10T12:00:40Z"), Some("401")),
            ],
            logs: Some(LogStatus {
                dir: "/srv/Log".to_owned(),
                lines: 24_690,
                lost: 7,
                unread_events: 3,
                waiting_bytes: 0,
                failing: vec![FailingLog {
                    path: "/srv/Log/openai/chat/chat.log".to_owned(),
                    since: at("2027-01-10T11:59:00Z"),
                    why: "no space left on device".to_owned(),
                    held_bytes: 2_048,
                }],
            }),
            store: Some(StoreStatus { path: "/srv/.aifd".to_owned(), bytes: 524_288, keys: 1_000 }),
        }
    }

    #[test]
    fn all_of_a_running_server_is_told() {
        let told = text(&running(), at("2027-01-10T12:00:00Z"), &Ui::piped());
        let expected = "aifd       0.1.0\naddress    http://127.0.0.1:8000\nprocess    4711\n\
            uptime     3d 4h (since 2027-01-07T08:00:00Z)\nrequests   12,345\nunder way  3 (2 streams)\n\
            ended      12,000 succeeded, 300 refused or wrong, 40 failed, 2 cancelled\n\
            logs       /srv/Log (24,690 lines, 7 lost, 3 events of streams not read; some cannot be written)\n\
            store      /srv/.aifd (512.0 KiB, 1,000 keys)\n\
            \n\
            ROUTE       UPSTREAM                    REQUESTS\n\
            /           https://api.openai.com/       12,345\n\
            /anthropic  https://api.anthropic.com/         0\n\
            \n\
            ERROR                          TIMES\n\
            policy_request_limit_exceeded  1,200\n\
            \n\
            LOG                            FAILS SINCE  KEPT     WHY\n\
            /srv/Log/openai/chat/chat.log  1m ago       2.0 KiB  no space left on device\n\
            \n\
            UPSTREAM KEY  ROUTE  LEVELS  STATE\n\
            sk-…abcd      all    0, 1    serves\n\
            sk-…efgh      all    0, 1    set aside, back in 40s: 401\n";
        assert_eq!(told, expected);
    }

    #[test]
    fn json_says_that_it_runs_and_all_else() {
        let status = running();
        let json = serde_json::to_value(Running { running: true, status: &status }).unwrap();
        let fields: Vec<&String> = json.as_object().unwrap().keys().collect();
        let expected = [
            "running",
            "version",
            "pid",
            "address",
            "started",
            "uptime_s",
            "routes",
            "requests",
            "refused",
            "upstream_keys",
            "logs",
            "store",
        ];
        assert_eq!(fields, expected);
    }
}
