//! What can be set: the settings file with all defaults, and the flags and variables of `serve` beside it for the documentation.

use std::process::ExitCode;

use clap::{Arg, Command};

use super::Failure;
use super::report::print;

/// A file that sets everything to what it is anyway.
const FILE: &str = include_str!("../config/settings.toml");

const TITLE: &str = "\
# Settings

`imagraph settings --markdown` prints this page, and `imagraph settings` the file below. A flag wins over its environment
variable, that over the file given by `--config`. Callers' keys, `IMAGRAPH_API_KEYS` (separated by commas), and ImageKit's private key,
`IMAGEKIT_PRIVATE_KEY`, come from the environment or the file alone, and `IMAGRAPH_LOG` says what is logged, such as `debug` or
`imagraph=trace`.

| flag of `serve` | variable | |
|---|---|---|
";

pub fn file() -> Result<ExitCode, Failure> {
    print(FILE)
}

/// Of the command `serve`.
pub fn page(serve: &Command) -> Result<ExitCode, Failure> {
    let rows: String = serve.get_arguments().filter_map(row).collect();
    print(&format!("{TITLE}{rows}\n```toml\n{FILE}```\n"))
}

/// None of what is no flag with a variable of its own.
fn row(arg: &Arg) -> Option<String> {
    let value = arg.get_value_names().into_iter().flatten().next()?;
    let (flag, variable) = (arg.get_long()?, arg.get_env()?.to_str()?);
    let help = arg.get_help()?.to_string();
    let cell = |text: &str| text.replace('|', "\\|").replace('<', "&lt;");
    Some(format!("| `--{flag} {}` | `{variable}` | {} |\n", cell(value), cell(&help)))
}
