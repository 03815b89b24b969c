//! What the result is made of.

use serde_json::{Value, json};

use crate::support::{Told, id};

use super::{Scene, raw};

/// A run whose result is this text; its page and the result's download.
async fn result(text: &str) -> (Scene, Value, String) {
    let scene = Scene::new().await;
    let body = format!(
        r#"{{"success":true,"execution":{{"executionId":"{{{{executionId}}}}","status":"success","resultData":{text}}}}}"#
    );
    scene.app.fault(json!({ "endpoint": "status", "always": true, "body": body })).await;
    let run = scene.run().await;
    scene.succeeds(&run).await;
    let page = scene.page(&run).await;
    (scene, run, page)
}

async fn download(scene: &Scene, run: &Value) -> Vec<u8> {
    let request = scene.app.get(&format!("/runs/{}/result.json", id(run))).cookie(&scene.me);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert!(response.headers()["content-disposition"].to_str().is_ok_and(|value| value.starts_with("attachment")));
    response.bytes().await.expect("a whole body").to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_16_a_result_of_200_mb_or_a_bomb_is_cut_and_said_to_be_too_large() {
    let scene = Scene::new().await;
    for bomb in [json!({ "body_bytes": 200_000_000 }), json!({ "body_bytes": 40_000_000, "gzip": true })] {
        let mut fault = bomb;
        fault["endpoint"] = json!("status");
        fault["next"] = json!(1);
        scene.app.fault(fault).await;
        let run = scene.run().await;
        let says = ["Too large: the result is bigger than this dashboard accepts.", "The run itself has ended."];
        scene.ends(&run, "stalled", &says).await;
    }
    let fine = scene.run().await;
    scene.becomes(&fine, "success").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_17_brackets_100_000_deep_are_kept_and_said_to_be_unreadable() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let (scene, run, page) = result(&deep).await;
    for says in ["This result is not JSON that can be read", "recursion limit exceeded", "[[[[[[["] {
        assert!(page.contains(says), "“{says}” is not in {page}");
    }
    assert_eq!(download(&scene, &run).await, deep.as_bytes());
    assert_eq!(scene.app.get("/healthz").told().await.status, 200, "the process is alive");
    let next = scene.run().await;
    scene.succeeds(&next).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_18_odd_bytes_and_numbers_are_kept_exactly_and_shown_safely() {
    let mut odd =
        br#"{"nul":"a\u0000b","surrogate":"a\ud800b","huge":1e400,"beyond":9223372036854775808,"raw":""#.to_vec();
    odd.extend_from_slice(b"\xff\xfe\xc3\x28");
    odd.extend_from_slice(br#""}"#);
    let scene = Scene::with(vec![("CODIKA_BASE_URL", raw::upstream(odd.clone()).await)]).await;
    let run = scene.run().await;
    scene.succeeds(&run).await;
    let page = scene.page(&run).await;
    for shown in ["This result is not JSON that can be read", "9223372036854775808", "a\\ud800b", "1e400"] {
        assert!(page.contains(shown), "“{shown}” is not in {page}");
    }
    assert!(!page.contains('\0'));
    assert_eq!(download(&scene, &run).await, odd, "byte for byte");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_19_doubled_keys_and_prototypes_are_inert() {
    let odd = r#"{"twice":1,"twice":2,"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"too"}}}"#;
    let (scene, run, page) = result(odd).await;
    assert!(page.contains("proto") && page.contains("yes") && page.contains("too"), "members like any other: {page}");
    assert_eq!(download(&scene, &run).await, odd.as_bytes());
    assert_eq!(scene.app.get("/healthz").told().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_20_markup_links_and_direction_marks_are_text() {
    let hostile = json!({
        "html": "<img src=x onerror=alert(1)><script>alert(2)</script>",
        "link": "javascript:alert(3)",
        "markdown": "# Hi\n\n[click](javascript:alert(4)) ![x](https://tracker.example/p.png)\n\n<b onclick=alert(5)>b</b>\n",
        "name": "invoice\u{202e}gpj.exe",
        "file": { "fileName": "invoice\u{202e}gpj.exe", "url": "https://files.example/1" },
    });
    let (_scene, _run, page) = result(&hostile.to_string()).await;
    let result = page.split_once("class=\"result\"").expect("a result").1;
    assert!(result.contains("&lt;img src=x onerror=alert(1)&gt;"), "{result}");
    for live in ["<img", "<script>alert", "href=\"javascript:", "onclick=alert(5)>", "src=\"https://tracker"] {
        assert!(!result.contains(live), "“{live}” is in {result}");
    }
    assert!(!result.contains('\u{202e}'), "nothing turns the direction of what follows: {result}");
    for named in ["<dd>invoice[U+202E]gpj.exe", "class=\"link\">invoice[U+202E]gpj.exe"] {
        assert!(result.contains(named), "“{named}” is not in {result}");
    }
}
