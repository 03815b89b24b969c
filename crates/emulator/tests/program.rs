//! The program as its users meet it: what it says when it cannot do what it was asked to.

use std::{fs, net::TcpListener, path::Path, process::Output};

use tokio::process::Command;

/// Runs the program, which must refuse, with a developer's variables set.
async fn refused(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codika-emulator"));
    let command = command.args(arguments).env("RUST_BACKTRACE", "1").kill_on_drop(true);
    let Output { status, stderr, .. } = command.output().await.expect("a program");
    let said = String::from_utf8(stderr).expect("text");
    assert!(!status.success(), "{arguments:?}");
    assert!(!said.contains("acktrace") && said.starts_with("error: "), "{said}");
    said
}

#[tokio::test]
async fn an_address_in_use_is_named_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let said = refused(&["--listen", &address]).await;
    assert!(said.contains(&format!("cannot listen on {address}: Address already in use")), "{said}");
    assert!(said.contains("another address with --listen"), "{said}");
}

#[tokio::test]
async fn a_data_folder_that_is_none_is_named_with_a_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    let file = file.to_str().expect("text");
    let said = refused(&["--listen", "127.0.0.1:0", "--data", file]).await;
    assert!(said.contains(&format!("cannot use the data folder {file}: File exists")), "{said}");
    assert!(said.contains("with --data"), "{said}");
}

#[tokio::test]
async fn a_scenario_that_is_none_says_where_and_where_to_read_on() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, why) in [
        (r#"{"demo": tru}"#, "expected ident at line 1 column 13"),
        ("{\n\"workflow\": []}", "unknown field `workflow`, expected one of"),
        ("[]", "it is not a JSON object"),
        (r#"{"faults": [{"staus": 1}]}"#, "a fault has no member 'staus'"),
    ] {
        let file = folder.path().join("scenario.json");
        fs::write(&file, text).expect("written");
        let said = refused(&["--listen", "127.0.0.1:0", "--scenario", file.to_str().expect("text")]).await;
        assert!(said.contains(why) && said.contains("docs/emulator.md"), "{said}");
        assert_eq!(said.matches(why).count(), 1, "{said}");
    }
    let said = refused(&["--scenario", "/nowhere/scenario.json"]).await;
    assert!(said.contains("cannot read the scenario /nowhere/scenario.json: No such file"), "{said}");
}

#[tokio::test]
async fn options_out_of_range_are_refused() {
    for (arguments, why) in [
        (["--speed", "-1"].as_slice(), "between 0"),
        (&["--speed", "NaN"], "between 0"),
        (&["--n8n", "nonsense"], "must begin with http:// or https://, unlike 'nonsense'"),
        (&["--n8n-auth", "X-A: b"], "--n8n <URL>"),
        (&["--public-url", "nonsense"], "--public-url"),
        (&["record", "--instance", "i", "--api-key", "ck_x", "--out", "/dev/null", "--limit", "0"], "1..=100"),
    ] {
        let listening = ["--listen", "127.0.0.1:0"];
        let listening = if arguments[0] == "record" { [].as_slice() } else { &listening };
        let said = refused(&[listening, arguments].concat()).await;
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn the_recorder_names_who_does_not_answer() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let url = format!("http://{nobody}");
    let said =
        refused(&["record", "--base-url", &url, "--instance", "i", "--api-key", "ck_x", "--out", "/dev/null"]).await;
    assert!(said.contains(&format!("{url} cannot be reached")) && said.contains("--base-url"), "{said}");
}

#[tokio::test]
async fn the_recorder_names_a_file_that_cannot_be_written_before_it_asks_anybody() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let url = format!("http://{nobody}");
    let folder = tempfile::tempdir().expect("a folder");
    let record = async |out: &Path| {
        let out = out.to_str().expect("UTF-8");
        refused(&["record", "--base-url", &url, "--instance", "i", "--api-key", "ck_x", "--out", out]).await
    };

    let said = record(&folder.path().join("missing/scenario.json")).await;
    assert!(said.contains("cannot write") && said.contains("missing/scenario.json"), "{said}");

    let new = folder.path().join("new.json");
    let said = record(&new).await;
    assert!(said.contains("cannot be reached"), "{said}");
    assert!(!new.exists(), "a recording that failed leaves no empty file");

    let kept = folder.path().join("kept.json");
    fs::write(&kept, "earlier").expect("written");
    record(&kept).await;
    assert_eq!(fs::read_to_string(&kept).expect("read"), "earlier");
}
