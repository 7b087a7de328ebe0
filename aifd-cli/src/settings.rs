//! Flags into sources of the configuration.

use crate::{
    cli::{LogFormat, Place, Run},
    report::Failure,
};
use aifd_core::config::{Environment, Sources};
use std::path::PathBuf;

/// The key a flag sets, the flag, and its value.
type Flag = (&'static str, &'static str, String);

/// The folder of the store: key and flag.
const DATA_DIR: (&str, &str) = ("data_dir", "--data-dir");

/// Where `aifd run` gets its configuration.
pub(crate) fn of_run(run: Run) -> Result<Sources, Failure> {
    let flags = flags(&run);
    sources(run.file.config, flags)
}

/// Where a command about the store gets its configuration.
pub(crate) fn of_place(place: &Place) -> Result<Sources, Failure> {
    let data_dir = place.data_dir.iter().map(|dir| (DATA_DIR.0, DATA_DIR.1, dir.clone()));
    sources(place.config.clone(), data_dir.collect())
}

/// Where a command that takes no flags of `run` gets its configuration.
pub(crate) fn of_file(config: Option<PathBuf>) -> Result<Sources, Failure> {
    sources(config, Vec::new())
}

fn sources(config_flag: Option<PathBuf>, flags: Vec<Flag>) -> Result<Sources, Failure> {
    let directory =
        std::env::current_dir().map_err(|source| Failure::System("find the working directory", source))?;
    let environment = Environment::read(&directory);
    Ok(Sources { config_flag, flags, directory, environment })
}

fn flags(run: &Run) -> Vec<Flag> {
    // openai-forward starts its console's server with --webui, and the page itself only with --start_ui.
    let webui = run.webui.map(|webui| webui && run.start_ui != Some(false));
    let log_format = run.log_format.map(|format| match format {
        LogFormat::Text => "text".to_owned(),
        LogFormat::Json => "json".to_owned(),
    });
    let given = [
        ("host", "--host", run.host.clone()),
        ("port", "--port", run.port.clone()),
        ("workers", "--workers", run.workers.clone()),
        ("webui.enabled", "--webui", webui.map(|on| on.to_string())),
        ("webui.port", "--ui-port", run.ui_port.clone()),
        ("log_level", "--log-level", run.log_level.clone()),
        ("log_format", "--log-format", log_format),
        ("benchmark_mode", "--benchmark", run.benchmark.map(|on| on.to_string())),
        ("cache.mode", "--cache-mode", run.cache_mode.clone()),
        ("cache.timing", "--cache-timing", run.cache_timing.clone()),
        (DATA_DIR.0, DATA_DIR.1, run.data_dir.clone()),
    ];
    given.into_iter().filter_map(|(key, flag, value)| Some((key, flag, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::flags;
    use crate::cli::{Cli, Command};
    use aifd_core::config::Key;
    use clap::Parser;

    fn of(line: &str) -> Vec<(&'static str, &'static str, String)> {
        match Cli::try_parse_from(["aifd", "run"].into_iter().chain(line.split_whitespace())).unwrap().command
        {
            Some(Command::Run(run)) => flags(&run),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_flag_sets_its_key_and_one_not_given_sets_none() {
        assert_eq!(of(""), []);
        let all = "--host ::1 --port 1 --workers 2 --webui --ui-port 3 --log-level warn --log-format json --benchmark \
            --cache-mode replay --cache-timing real --data-dir d";
        let set: Vec<String> =
            of(all).into_iter().map(|(key, flag, value)| format!("{flag}: {key}={value}")).collect();
        assert_eq!(
            set,
            [
                "--host: host=::1",
                "--port: port=1",
                "--workers: workers=2",
                "--webui: webui.enabled=true",
                "--ui-port: webui.port=3",
                "--log-level: log_level=warn",
                "--log-format: log_format=json",
                "--benchmark: benchmark_mode=true",
                "--cache-mode: cache.mode=replay",
                "--cache-timing: cache.timing=real",
                "--data-dir: data_dir=d",
            ]
        );
        for (key, flag, _) in of(all) {
            assert!(Key::find(key).is_some(), "{flag} sets {key}, which is no key");
        }
    }

    #[test]
    fn a_console_that_shall_not_open_is_no_console() {
        for line in ["--webui=False", "--webui=True --start_ui=False"] {
            assert_eq!(of(line), [("webui.enabled", "--webui", "false".to_owned())], "{line}");
        }
        assert_eq!(of("--start_ui=True"), []);
    }
}
