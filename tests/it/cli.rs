//! The command line, run as a user runs it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::gateway::{client, pictures};
use crate::stub::{Answer, Stub};

/// The program, with none of the settings that this machine may have.
pub fn imagraph() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imagraph"));
    let ours = |name: &str| {
        ["IMAG", "OTEL", "AWS_", "AZURE_", "GOOGLE_"].iter().any(|start| name.starts_with(start))
    };
    for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    // Who wants an index says where.
    command.env("IMAGRAPH_INDEX", "off").current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn run(arguments: &[&str]) -> Output {
    imagraph().args(arguments).output().expect("it runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[test]
fn inspect_prints_a_table() {
    let output = run(&["inspect", "tests/images/jpeg/exif-camera-le.jpg"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let table = stdout(&output);
    for part in [
        "tests/images/jpeg/exif-camera-le.jpg\n",
        "jpg (image/jpeg)",
        "frames          1\n",
        "pHash",
        "colors          #",
        " %\n  blurHash        L",
        "thumbHash",
        "SHA-256",
        "EXIF gps",
        "GPSLatitude",
    ] {
        assert!(table.contains(part), "{part}\n{table}");
    }
}

#[test]
fn inspect_json_is_a_line_an_image_in_the_order_of_names() {
    let output = run(&["inspect", "--json", "tests/images/png", "tests/images/jpeg/baseline.jpg"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let objects: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let files: Vec<_> = objects.iter().map(|object| object["file"].as_str().unwrap()).collect();
    let (last, found) = files.split_last().unwrap();
    assert_eq!(*last, "tests/images/jpeg/baseline.jpg");
    assert!(found.len() >= 8 && found.is_sorted(), "{files:?}");
    assert!(objects.iter().all(|object| object["pHash"].is_string() && object["exif"].is_object()));
}

#[test]
fn inspect_without_pixels_says_all_but_the_p_hash() {
    let picture = "tests/images/jpeg/exif-camera-le.jpg";
    let mut whole: Value = serde_json::from_str(&stdout(&run(&["inspect", "--json", picture]))).unwrap();
    let header: Value =
        serde_json::from_str(&stdout(&run(&["inspect", "--json", "--no-pixels", picture]))).unwrap();
    assert!(whole.as_object_mut().unwrap().remove("pHash").is_some());
    assert_eq!(header, whole);
}

#[test]
fn inspect_tells_what_failed_and_goes_on() {
    let damaged = "tests/images/damaged/truncated-middle.jpg";
    let output = run(&["inspect", "--json", damaged, "tests/images/none.jpg", "tests/images/png/rgb.png"]);
    assert_eq!(output.status.code(), Some(1));
    let objects: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(objects[0]["width"].is_i64());
    assert_eq!(objects[0]["error"]["code"], "CORRUPT_IMAGE");
    assert_eq!(objects[1]["error"]["code"], "NOT_FOUND");
    assert_eq!(objects[2].get("error"), None);
}

#[test]
fn inspect_skips_what_is_no_image_only_in_folders() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "no image").unwrap();
    fs::copy(pictures().join("png/rgb.png"), folder.path().join("a.png")).unwrap();
    let folder = folder.path().to_str().unwrap();
    let output = run(&["inspect", "--json", folder]);
    assert!(output.status.success());
    assert_eq!(stdout(&output).lines().count(), 1);
    let output = run(&["inspect", "--json", &format!("{folder}/notes.txt")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("NOT_AN_IMAGE"));
}

#[test]
fn inspect_takes_urls_of_hosts_that_are_allowed() {
    let stub = Stub::start();
    stub.put("/a.png", Answer::ok(fs::read(pictures().join("png/rgb.png")).unwrap()));
    let url = stub.url("/a.png");
    let output = run(&["inspect", "--json", "--allow-host", &stub.address.to_string(), &url]);
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success());
    assert_eq!((&object["file"], &object["width"]), (&json!(url), &json!(72)));
    let output = run(&["inspect", "--json", &url]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("URL_NOT_ALLOWED"));
}

#[test]
fn control_codes_of_a_file_do_not_reach_the_terminal() {
    let table = stdout(&run(&["inspect", "tests/images/jpeg", "tests/images/damaged"]));
    assert!(table.lines().count() > 300);
    assert_eq!(table.chars().find(|sign| sign.is_control() && *sign != '\n'), None);
}

#[test]
fn control_codes_of_a_name_do_not_reach_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(pictures().join("png/rgb.png"), folder.path().join("a\u{1b}[31m\nb.png")).unwrap();
    let table = stdout(&run(&["inspect", folder.path().to_str().unwrap()]));
    assert!(table.lines().next().unwrap().ends_with("a\u{fffd}[31m\u{fffd}b.png"), "{table:?}");
}

#[test]
fn inspect_names_the_folder_that_cannot_be_read_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let picture = pictures().join("png/rgb.png");
    // Not by its mode, as root reads everything: by a path that is too long to be opened whole.
    let descend =
        "i=0; while [ $i -lt 15 ]; do mkdir $0 && cd $0 || exit 1; i=$((i + 1)); done; mkdir -p $0/$0/$0";
    let deep = Command::new("sh").args(["-c", descend, &"d".repeat(250)]).current_dir(folder.path()).status();
    assert!(deep.unwrap().success());
    fs::copy(picture, folder.path().join("e.png")).unwrap();
    let output = run(&["inspect", "--json", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output).lines().count(), 1);
    assert_eq!(stderr(&output).lines().count(), 1);
    assert!(stderr(&output).starts_with(&format!("imagraph: {}", folder.path().display())));
}

#[test]
fn compare_prints_both_hashes_distance_and_score() {
    let picture = "tests/images/jpeg/baseline.jpg";
    let output = run(&["compare", picture, picture]);
    assert!(output.status.success(), "{}", stderr(&output));
    let lines: Vec<_> = stdout(&output).lines().map(str::to_owned).collect();
    assert_eq!(lines[0], lines[1]);
    assert_eq!(lines[0].len(), 16);
    assert_eq!(lines[2..], ["distance 0", "score 1"]);
    let output = run(&["compare", picture, "tests/images/none.jpg"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "imagraph: tests/images/none.jpg: no such image\n");
}

#[test]
fn schema_prints_schema_graphql() {
    assert_eq!(stdout(&run(&["schema"])), include_str!("../../schema.graphql"));
}

#[test]
fn a_new_key_has_the_hash_that_is_printed_with_it() {
    let printed = stdout(&run(&["new-key"]));
    let (key, setting) = printed.split_once('\n').unwrap();
    // 32 random bytes, after the name by which scanners know it.
    assert_eq!(key.strip_prefix("imagraph_").map(str::len), Some(43), "{key}");
    let hash = hash_of(&format!("{key}\n"));
    assert_eq!(setting, format!("key_sha256 = \"{}\"\n", stdout(&hash).trim_end()));
    assert_ne!(stdout(&run(&["new-key"])), printed);
}

#[test]
fn a_key_is_hashed_without_its_line_break() {
    // FIPS 180-2, B.1.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
    for key in ["abc", "abc\n", "abc\r\n"] {
        assert_eq!(stdout(&hash_of(key)), abc, "{key:?}");
    }
    for wrong in ["", "\n", "canary\tb", "canary\nb", &"canary".repeat(1_000)] {
        let output = hash_of(wrong);
        assert_eq!((output.status.code(), stderr(&output).lines().count()), (Some(2), 1), "{wrong:?}");
        assert!(!stderr(&output).contains("canary") && output.stdout.is_empty(), "{wrong:?}");
    }
}

fn hash_of(key: &str) -> Output {
    let mut command = imagraph();
    command.arg("hash-key").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    child.stdin.take().expect("its input").write_all(key.as_bytes()).expect("written");
    child.wait_with_output().expect("it ends")
}

#[test]
fn a_wrong_setting_is_one_line_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let unknown = file("unknown.toml", "[remote]\nallow_host = []\n");
    let secret = file("secret.toml", "[imagekit]\nprivate_key = private_canary\n");
    let whole = file("whole.toml", "imagekit = \"canary\"\n");
    let number = file("number.toml", "listen = 8080\n");
    let limits = ["deadline_seconds = 0", "concurrent_loads = 10001", "max_bytes = 9223372036854775807"];
    let limits = limits.map(|limit| file(&limit[..8], &format!("[limits]\n{limit}\n")));
    let drain = file("drain.toml", "[shutdown]\ndrain_seconds = 3601\n");
    let key = file("key.toml", "upstream = \"imagekit\"\n[imagekit]\nprivate_key = \"canary\\n\"\n");
    let networks = ["10.0.0.1", "10.0.0.0/33", "10.0.0.0/7", "::/0", "64:ff9b::/96", "a.example/8"];
    let networks = networks.map(|network| {
        file(&network.replace(['/', ':'], "_"), &format!("[remote]\nallow_networks = [\"{network}\"]\n"))
    });
    for path in &networks {
        let line = stderr(&run(&["serve", "--config", path]));
        assert!(line.starts_with("imagraph: remote.allow_networks: ") && line.lines().count() == 1, "{line}");
    }
    let port = file("port.toml", "[remote]\nports = [443, 0]\n");
    let cases: [(&[&str], &str); 27] = [
        (&["--config", &port], "remote.ports"),
        (&["--listen", "8080"], "listen"),
        (&["--library", "tests/none"], "library"),
        (&["--library", "README.md"], "library"),
        (&["--upstream", "s3"], "upstream"),
        (&["--hybrid", "perhaps"], "hybrid"),
        (&["--upstream", "imagekit"], "imagekit.private_key"),
        (&["--imagekit-url", "ftp://a"], "imagekit.url"),
        (&["--allow-host", "http://a/b"], "allow_host"),
        (&["--redis", "http://:canary@a"], "redis.url"),
        (&["--config", "none.toml"], "none.toml"),
        (&["--config", &unknown], "allow_host"),
        (&["--config", &secret], "line 2"),
        (&["--config", &whole], "imagekit has to be"),
        (&["--config", &number], "listen has to be a string"),
        (&["--imagekit-url", "http://canary:canary@a"], "imagekit.url"),
        (&["--imagekit-url", "https://a/b?c=1"], "imagekit.url"),
        (&["--cors-origin", "https://a.example,a.example"], "http.cors_origins"),
        (&["--config", &limits[0]], "limits.deadline_seconds"),
        (&["--config", &limits[1]], "limits.concurrent_loads"),
        (&["--config", &limits[2]], "limits.max_bytes"),
        (&["--config", &key], "imagekit.private_key"),
        (&["--log-format", "xml"], "log_format"),
        (&["--otlp-endpoint", "a:4317"], "telemetry.otlp_endpoint"),
        (&["--otlp-endpoint", "http://canary:canary@a"], "telemetry.otlp_endpoint"),
        (&["--otlp-endpoint", "http://a/?token=canary"], "telemetry.otlp_endpoint"),
        (&["--config", &drain], "shutdown.drain_seconds"),
    ];
    for (arguments, named) in cases {
        let output = run(&[&["serve"], arguments].concat());
        let line = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {line}");
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.starts_with("imagraph: ") && line.contains(named), "{line}");
        assert!(!line.contains("canary"), "{line}");
    }
}

#[test]
fn a_wrong_variable_is_one_line_that_names_it() {
    let not_unicode = std::os::unix::ffi::OsStrExt::from_bytes(b"canary\xff");
    let cases: [(&str, &std::ffi::OsStr); 3] = [
        ("IMAGRAPH_LOG", "imagraph=loud".as_ref()),
        ("IMAGEKIT_PRIVATE_KEY", "canary\r".as_ref()),
        ("IMAGEKIT_PRIVATE_KEY", not_unicode),
    ];
    for (name, value) in cases {
        let mut command = imagraph();
        command.args(["serve", "--upstream", "imagekit"]).env("IMAGEKIT_PRIVATE_KEY", "private");
        let output = command.env(name, value).output().unwrap();
        let line = stderr(&output);
        assert_eq!((output.status.code(), line.lines().count()), (Some(2), 1), "{line}");
        assert!(line.contains(name) && !line.contains("canary"), "{line}");
    }
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("imagraph.toml");
    fs::write(
        &config,
        "listen = \"127.0.0.3:0\"\nlibrary = \"tests/images/png\"\n[shutdown]\ndrain_seconds = 0\n",
    )
    .unwrap();
    let listening = |flags: &[&str], environment: &[(&str, &str)]| listening_on(&config, flags, environment);
    assert!(listening(&[], &[]).starts_with("127.0.0.3:"));
    assert!(listening(&[], &[("IMAGRAPH_LISTEN", "127.0.0.4:0")]).starts_with("127.0.0.4:"));
    let empty = ["IMAGRAPH_LISTEN", "IMAGRAPH_ALLOW_HOSTS", "IMAGRAPH_UPSTREAM", "IMAGRAPH_CORS_ORIGINS"]
        .map(|name| (name, ""));
    assert!(listening(&[], &empty).starts_with("127.0.0.3:"));
    let both = listening(&["--listen", "127.0.0.5:0"], &[("IMAGRAPH_LISTEN", "127.0.0.4:0")]);
    assert!(both.starts_with("127.0.0.5:"), "{both}");
}

/// Where the gateway says that it listens; it is asked there, then told to stop.
fn listening_on(config: &Path, flags: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = imagraph();
    command.arg("serve").arg("--config").arg(config).args(flags).envs(environment.iter().copied());
    let (mut child, url) = serve(command);
    assert_eq!(client().get(format!("{url}/health/ready")).send().unwrap().status(), 200);
    terminate(&child);
    assert!(child.wait().unwrap().success(), "it stops when told to");
    url.trim_start_matches("http://").to_owned()
}

/// The running gateway, and where it listens.
pub fn serve(mut command: Command) -> (Child, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).trim();
    (child, url.to_owned())
}

pub fn terminate(child: &Child) {
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
}
