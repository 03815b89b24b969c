//! The example of the documentation: another project's tests, run as it would run them.

use tokio::process::Command;

#[tokio::test]
async fn the_example_for_other_projects_runs() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/emulator-in-ci/ci.sh");
    let mut command = Command::new("sh");
    let run = command.arg(script).env("CODIKA_EMULATOR", env!("CARGO_BIN_EXE_codika-emulator")).kill_on_drop(true);
    let output = run.output().await.expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches("ok: ").count(), 4, "{said}");
}
