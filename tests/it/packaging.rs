//! What the program is shipped in: shells complete it, the image has what it needs, and what the files for Docker and systemd
//! say works.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::bucket::s3::S3;
use crate::cli::imagraph;
use crate::gateway::pictures;
use crate::postgres_server::PostgresServer;
use crate::process::Process;
use crate::python;
use crate::redis_server::RedisServer;
use crate::upload::upload;

const PROGRAM: &str = env!("CARGO_BIN_EXE_imagraph");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn stdout(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bash_completes_commands_and_flags() {
    let script = stdout(imagraph().args(["completions", "bash"]).output().unwrap());
    let complete = |words: &str, last: &str, number: usize| {
        let ask = format!(
            "{script}\nCOMP_WORDS=({words} {last}); COMP_CWORD={number}; _imagraph imagraph '{last}' x; echo ${{COMPREPLY[@]}}"
        );
        stdout(Command::new("bash").args(["-c", &ask]).output().unwrap())
    };
    assert_eq!(complete("imagraph", "ser", 1), "serve\n");
    assert_eq!(complete("imagraph serve", "--lib", 2), "--library\n");
    let commands = complete("imagraph", "", 1);
    assert!(commands.contains("duplicates"), "{commands}");
}

#[test]
fn every_shell_has_a_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(imagraph().args(["completions", shell]).output().unwrap());
        assert!(script.contains("duplicates"), "{shell}");
    }
}

/// The image beneath ours has the C library and libgcc, and no more.
#[test]
#[cfg(target_os = "linux")]
fn the_program_needs_no_other_library_than_the_image_has() {
    let needed = stdout(Command::new("ldd").arg(PROGRAM).output().unwrap());
    for line in needed.lines().map(str::trim) {
        let has =
            ["linux-vdso", "libc.so.6", "libm.so.6", "libgcc_s.so.1", "/lib64/ld-linux", "/lib/ld-linux"];
        assert!(has.iter().any(|library| line.starts_with(library)), "{line}");
    }
}

#[test]
fn the_image_is_built_by_the_compiler_that_the_project_names() {
    let toolchain = read("rust-toolchain.toml");
    let version = toolchain.split('"').nth(1).unwrap();
    let minor = version.rsplit_once('.').unwrap().0;
    assert!(read("Dockerfile").contains(&format!("FROM rust:{minor}-")), "{version}");
}

/// As JSON.
fn compose() -> Value {
    let python = python::with("tests/s3/requirements.txt", "s3-venv");
    let print = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";
    let mut convert = Command::new(python);
    let file = fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("compose.yaml")).unwrap();
    serde_json::from_str(&stdout(convert.args(["-c", print]).stdin(file).output().unwrap())).unwrap()
}

/// The servers are those of the tests, at other addresses than in Docker's network; all else is as it stands there.
#[test]
fn what_compose_says_runs_over_s3_postgresql_and_redis() {
    let (s3, postgres, redis) = (S3::with("pictures"), PostgresServer::start(), RedisServer::start());
    let at = [
        ("http://s3:5000", format!("http://127.0.0.1:{}", s3.port())),
        ("postgres://imagraph@postgres/imagraph", postgres.database("imagraph")),
        ("redis://redis:6379", redis.url()),
    ];
    let here = |text: &Value| {
        at.iter().fold(text.as_str().unwrap().to_owned(), |text, (name, at)| text.replace(name, at))
    };
    let compose = compose();
    let service = &compose["services"]["imagraph"];
    let arguments: Vec<_> = service["command"].as_array().unwrap().iter().skip(1).map(here).collect();
    let environment =
        service["environment"].as_object().unwrap().iter().filter(|(name, _)| *name != "IMAGRAPH_CONFIG");
    let environment: Vec<_> = environment.map(|(name, value)| (name.as_str(), here(value))).collect();
    let gateway = Process::serve(
        &arguments.iter().map(String::as_str).collect::<Vec<_>>(),
        &environment.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>(),
        // The one way in which a container that is read-only can be given a file.
        &read(compose["configs"]["settings"]["file"].as_str().unwrap()),
    );
    let picture = fs::read(pictures().join("similar/original.jpg")).unwrap();
    let added = upload(&gateway, "similar", "original.jpg", &picture);
    assert_eq!(added["data"]["upload"]["path"], "similar/original.jpg", "{added}");
    let query = "{ files { edges { node { path pHash } } } similar(to: {pHash: \"23876c6c19593c73\"}) { edges { node { path } } } }";
    let data = &gateway.answer(query)["data"];
    assert_eq!(
        data["files"]["edges"][0]["node"],
        json!({"path": "similar/original.jpg", "pHash": "23876c6c19593c73"})
    );
    assert_eq!(data["similar"]["edges"][0]["node"]["path"], "similar/original.jpg");
}

#[test]
fn compose_runs_the_s3_server_of_the_tests() {
    let requirements = read("tests/s3/requirements.txt");
    let version = requirements.lines().find_map(|line| line.strip_prefix("moto==")).unwrap();
    assert_eq!(compose()["services"]["s3"]["image"], format!("motoserver/moto:{version}"));
}

/// With the program of the tests in its place.
#[test]
#[cfg(target_os = "linux")]
fn systemd_takes_the_unit_and_finds_it_closed() {
    let unit = read("packaging/imagraph.service").replace("/usr/local/bin/imagraph", PROGRAM);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("imagraph.service");
    fs::write(&file, unit).unwrap();
    let verified = Command::new("systemd-analyze").arg("verify").arg(&file).output().unwrap();
    let told = String::from_utf8(verified.stderr).unwrap();
    assert!(verified.status.success() && !told.contains("imagraph.service"), "{told}");
    let mut judge = Command::new("systemd-analyze");
    let judged =
        stdout(judge.args(["security", "--offline=true", "--no-pager"]).arg(&file).output().unwrap());
    let level = judged.rsplit("imagraph.service: ").next().and_then(|end| end.split(' ').next()).unwrap();
    assert!(level.parse::<f64>().unwrap() <= 2.0, "{level}");
}

/// A query of the dashboard names what `/metrics` serves.
#[test]
fn the_dashboard_shows_metrics_that_there_are() {
    let dashboard: Value = serde_json::from_str(&read("packaging/grafana.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let queries: String = targets.map(|target| target["expr"].as_str().unwrap().to_owned() + "\n").collect();
    let gateway = Process::serve(&["--library", "tests/images"], &[], "");
    gateway.answer("{ file(id: \"cG5nL3JnYi5wbmc\") { pHash } none: file(id: \"bm9uZQ\") { width } }");
    let metrics = gateway.get("/metrics").text().unwrap();
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let names = queries.split(|sign| !is_name(sign)).filter(|word| word.starts_with("imagraph_"));
    let mut judged = 0;
    for name in names {
        // What nothing was counted of yet is described.
        let described = name.trim_end_matches("_total").trim_end_matches("_bucket").trim_end_matches("_info");
        assert!(metrics.contains(&format!("# TYPE {described} ")), "{name}\n{metrics}");
        judged += 1;
    }
    assert!(judged > 15, "{judged}");
    let undrawn = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    for metric in undrawn {
        assert!(queries.contains(metric) || metric.ends_with("turn_wait_seconds"), "{metric} is not shown");
    }
}
