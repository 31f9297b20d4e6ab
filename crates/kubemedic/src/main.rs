//! `kubemedic`: the Agentic Observability Backend for Kubernetes. This crate wires the others and owns the command line.

mod catalogue_folder;
mod cli;
mod commands;
mod config;
mod consulting;
mod examination;
mod explanation;
mod input;
mod learn_bench;
mod page;
mod redaction_rules;
mod telemetry;
mod warm_up;
mod wiring;

use std::process::ExitCode;

use clap::{Parser, error::ErrorKind};

use cli::{Cli, Command};
use commands::{diagnose, eval, learn, logs, openapi, policy, serve, settings, verify, watch};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if asked {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(commands::BAD_USAGE)
            };
        }
    };
    match run(&cli.command) {
        Ok(code) => code,
        Err(error) => commands::refuse(&format!("{error:#}")),
    }
}

fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Diagnose(arguments) => diagnose::run(arguments),
        Command::Eval(command) => eval::run(command),
        Command::Learn(command) => learn::run(command),
        Command::Logs(command) => logs::run(command),
        Command::Policy(cli::Policy::Check(input)) => policy::run(input),
        Command::Watch(arguments) => watch::run(arguments),
        Command::Verify => verify::run(),
        Command::Openapi => openapi::run(),
        Command::Settings { format, value } => settings::run(*format, value.as_deref()),
    }
}
