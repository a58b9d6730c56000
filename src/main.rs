use std::process::ExitCode;

fn main() -> ExitCode {
    imagraph::cli::run()
}
