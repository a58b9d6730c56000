//! The schema as a subgraph (Apollo Federation 2), and what generators of code make of it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Once;

use imagraph::config::Given;
use serde_json::{Value, json};

use crate::callers;
use crate::cli::imagraph;
use crate::gateway::{Gateway, client, pictures};
use crate::stub::{Answer, Stub};

/// URL-safe base64 of `png/rgb.png`, of `none.png`, and of `jpeg/exif-camera-le.jpg`.
const RGB: &str = "cG5nL3JnYi5wbmc";
const NONE: &str = "bm9uZS5wbmc";
const CAMERA: &str = "anBlZy9leGlmLWNhbWVyYS1sZS5qcGc";

const ENTITIES: &str = "query($representations: [_Any!]!) { _entities(representations: $representations) {
    __typename ... on Image { id width } } }";

fn image(id: &str) -> Value {
    json!({"__typename": "Image", "id": id})
}

fn schema_of_subgraph() -> String {
    let output = imagraph().args(["schema", "--federation"]).output().expect("it runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

#[test]
fn each_key_has_its_image_and_one_that_fails_is_null_by_itself() {
    let stub = Stub::start();
    stub.put("/a.png", Answer::ok(fs::read(pictures().join("png/rgb.png")).expect("a picture")));
    let gateway = Gateway::over_pictures(&[stub.address]);
    let url = stub.url("/a.png");
    let mut representations = vec![image(RGB), image(NONE), image(&url), image(RGB), image(&url)];
    representations.extend([
        json!({"__typename": "Photo", "id": RGB}),
        json!({"__typename": "Image"}),
        json!(7),
    ]);
    let (answer, cost) = gateway.answer_and_cost(ENTITIES, json!({"representations": representations}));
    let found = |id: &str| json!({"__typename": "Image", "id": id, "width": 72});
    let expected = json!([found(RGB), null, found(&url), found(RGB), found(&url), null, null, null]);
    assert_eq!(answer["data"]["_entities"], expected, "{answer}");
    let errors = answer["errors"].as_array().expect("errors");
    let mut told: Vec<_> =
        errors.iter().map(|error| (error["path"].to_string(), &error["extensions"]["code"])).collect();
    told.sort_by(|a, b| a.0.cmp(&b.0));
    let codes = [(1, "NOT_FOUND"), (5, "BAD_REQUEST"), (6, "BAD_REQUEST"), (7, "BAD_REQUEST")];
    let codes = codes.map(|(place, code)| (format!("[\"_entities\",{place}]"), json!(code)));
    assert_eq!(told, codes.iter().map(|(path, code)| (path.clone(), code)).collect::<Vec<_>>());
    assert_eq!((&cost["images"], stub.asked().len()), (&json!(3), 1), "one batch, each image once: {cost}");
    // The document is known by now.
    let answer = gateway.answer(ENTITIES, json!({"representations": [image(NONE), image(&url)]}));
    assert_eq!(answer["data"]["_entities"], json!([null, found(&url)]), "{answer}");
    assert_eq!(code(&gateway.answer(ENTITIES, json!({"representations": [null]}))), "BAD_REQUEST");
}

#[test]
fn entities_are_bounded_as_other_images_are() {
    let gateway = Gateway::over_pictures(&[]);
    let of = |images: usize, id: &dyn Fn(usize) -> String| -> Vec<_> {
        (0..images).map(|n| image(&id(n))).collect()
    };
    let refused = |representations: Vec<Value>| {
        let answer = gateway.answer(ENTITIES, json!({"representations": representations}));
        (answer["data"].is_null(), code(&answer).clone())
    };
    let passes = gateway.answer(ENTITIES, json!({"representations": of(100, &|n| n.to_string())}));
    assert_eq!(passes["data"]["_entities"].as_array().map(Vec::len), Some(100));
    let costly = (true, json!("QUERY_TOO_COSTLY"));
    assert_eq!(refused(of(101, &|n| n.to_string())), costly, "different images");
    assert_eq!(refused(of(65, &|_| "http://127.0.0.1/a.png".to_owned())), costly, "URLs");
    assert_eq!(refused(of(1_001, &|_| RGB.to_owned())), costly, "fields");
    let literal = format!(
        "{{ _entities(representations: [{}]) {{ __typename }} }}",
        (0..101).map(|n| format!("{{__typename: \"Image\", id: \"{n}\"}} ")).collect::<String>()
    );
    assert_eq!(code(&gateway.answer(&literal, json!({}))), "QUERY_TOO_COSTLY");
    // A schema is long, and its text is charged wherever it stands.
    let many: String = (0..300).map(|n| format!("a{n}: _service {{ sdl }} ")).collect();
    let answer = gateway.answer(&format!("{{ {many} }}"), json!({}));
    assert_eq!(code(&answer), "QUERY_TOO_COSTLY");
}

#[test]
fn what_is_withheld_from_a_caller_is_withheld_from_it_here_too() {
    let gateway = callers::gateway(
        "[[callers]]\nname = \"all\"\nkey = \"all\"\n
        [[callers]]\nname = \"web\"\nkey = \"web\"\nprivacy = [\"location\"]\n",
    );
    let query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Image {
        location { latitude } withheld } } }";
    let ask = |key: &str| -> Value {
        let request = client().post(gateway.url("/graphql")).bearer_auth(key);
        let body = json!({"query": query, "variables": {"r": [image(CAMERA)]}});
        request.json(&body).send().expect("an answer").json().expect("JSON")
    };
    assert!(ask("all")["data"]["_entities"][0]["location"]["latitude"].is_f64());
    assert_eq!(ask("web")["data"]["_entities"][0], json!({"location": null, "withheld": ["LOCATION"]}));
}

#[test]
fn the_subgraphs_schema_is_told_to_who_may_know_it() {
    let sdl = schema_of_subgraph();
    assert!(sdl.contains("type Image implements Node @key(fields: \"id\") {"));
    let gateway = Gateway::over_pictures(&[]);
    assert_eq!(gateway.data("{ _service { sdl } }")["_service"]["sdl"], sdl);
    // What only gateways ask for is no part of what people read.
    let fields = gateway.data("{ __type(name: \"Query\") { fields { name } } }").to_string();
    assert!(
        fields.contains("duplicateGroups") && !fields.contains("_entities") && !fields.contains("_service")
    );
    let introspection = Some("off".to_owned());
    let silent = Gateway::start(Given { introspection, library: Some(pictures()), ..Given::default() });
    assert_eq!(code(&silent.answer("{ _service { sdl } }", json!({}))), "BAD_REQUEST");
    let found = silent.answer(ENTITIES, json!({"representations": [image(RGB)]}));
    assert_eq!(found["data"]["_entities"][0]["width"], 72, "{found}");
}

/// A folder with what is needed of npm, installed once.
fn folder() -> PathBuf {
    static INSTALLED: Once = Once::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/federation");
    INSTALLED.call_once(|| {
        let installed = Command::new("npm").args(["ci", "--silent"]).current_dir(&folder).status();
        assert!(installed.expect("npm").success());
    });
    folder
}

/// What a command printed on standard output.
fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Answers of Apollo's gateway over this one and a shop, whose products have photos.
fn composed(gateway: &Gateway, requests: &[Value]) -> Vec<Value> {
    let mut node = Command::new("node");
    node.arg("compose.js").arg(gateway.url("/graphql")).current_dir(folder());
    node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = node.spawn().expect("node");
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    child.stdin.take().expect("its input").write_all(lines.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    printed(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn apollos_gateway_composes_it_with_another_subgraph() {
    let gateway = Gateway::over_pictures(&[]);
    let products = "query($photos: [ID!]!) { products(photos: $photos) { name photo { id width alt } } }";
    let files =
        "{ files(first: 1, under: \"png\") { edges { node { name alt } } pageInfo { hasNextPage } } }";
    let answers = composed(
        &gateway,
        &[
            json!({"query": products, "variables": {"photos": [RGB, NONE, CAMERA, RGB]}}),
            json!({"query": files}),
        ],
    );
    let photo = |id: &str, width: Value| json!({"id": id, "width": width, "alt": format!("what {id} shows")});
    let shown: Vec<_> = answers[0]["data"]["products"]
        .as_array()
        .expect("products")
        .iter()
        .map(|product| &product["photo"])
        .collect();
    let camera = gateway.data(&format!("{{ file(id: \"{CAMERA}\") {{ width }} }}"))["file"]["width"].clone();
    assert_eq!(
        shown,
        [&photo(RGB, json!(72)), &photo(NONE, Value::Null), &photo(CAMERA, camera), &photo(RGB, json!(72))]
    );
    let errors = answers[0]["errors"].as_array().expect("errors");
    assert_eq!((errors.len(), code(&answers[0])), (1, &json!("NOT_FOUND")), "{errors:?}");
    assert_eq!(errors[0]["path"], json!(["products", 1, "photo"]));
    let node = &answers[1]["data"]["files"]["edges"][0]["node"];
    assert!(node["alt"].as_str().is_some_and(|alt| alt.starts_with("what ")), "{}", answers[1]);
    assert_eq!(answers[1]["data"]["files"]["pageInfo"]["hasNextPage"], true);
}

/// Each scalar has to be known (`strictScalars`), and is where it is used.
#[test]
fn codegen_makes_types_of_the_schema() {
    let made = tempfile::tempdir().expect("a folder");
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let types = made.path().join("types.ts");
    let codegen = |schema: &Path| {
        let mut npx = Command::new("node");
        npx.args(["node_modules/.bin/graphql-codegen", "--config", "codegen/codegen.cjs"])
            .current_dir(folder());
        npx.env("SCHEMA", schema).env("OUT", &types).output().expect("node")
    };
    printed(&codegen(&schema));
    let written = fs::read_to_string(&types).expect("types");
    for part in
        ["PHash: { input: string; output: string; }", "export type DuplicatesQuery = ", "dominantColor"]
    {
        assert!(written.contains(part), "{part}\n{written}");
    }
    let another = made.path().join("another.graphql");
    let text = fs::read_to_string(&schema).expect("the schema")
        + "scalar Unknown\nextend type Image { a: Unknown }\n";
    fs::write(&another, text).expect("written");
    assert!(!codegen(&another).status.success(), "strict");
}

/// Pages by `@connection`, and fragments that are fetched again: of a page by its arguments, of an image by `node`.
#[test]
fn relays_compiler_takes_the_schema() {
    let project = tempfile::tempdir().expect("a folder");
    let relay = folder().join("relay");
    let into = |name: &str| project.path().join(name);
    fs::create_dir(into("src")).expect("a folder");
    for name in ["relay.config.json", "src/Gallery.ts"] {
        fs::copy(relay.join(name), into(name)).expect("copied");
    }
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql"), into("schema.graphql"))
        .expect("copied");
    let compiler = folder().join("node_modules/.bin/relay-compiler");
    printed(
        &Command::new(compiler)
            .arg("relay.config.json")
            .current_dir(project.path())
            .output()
            .expect("it runs"),
    );
    let made =
        |name: &str| fs::read_to_string(into(&format!("src/__generated__/{name}.graphql.ts"))).expect(name);
    assert!(made("GalleryPageQuery").contains("\"connection\""), "{}", made("GalleryPageQuery"));
    assert!(made("GalleryPhotoQuery").contains("node(id: $id)"), "{}", made("GalleryPhotoQuery"));
    // What it sends is what the gateway answers.
    let text = made("GalleryPageQuery");
    let text = text.lines().find_map(|line| line.trim().strip_prefix("\"text\": ")).expect("its text");
    let query: String = serde_json::from_str(text.trim_end_matches(',')).expect("JSON");
    let gateway = Gateway::over_pictures(&[]);
    let answer = gateway.answer(&query, json!({"first": 2, "under": "png"}));
    assert_eq!(answer["data"]["files"]["edges"].as_array().map(Vec::len), Some(2), "{answer}");
}
