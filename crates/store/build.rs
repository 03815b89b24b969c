//! What the compiler cannot know by itself.
//!
//! `tools/queries.sh` sets `STORE_PREPARE` to `sqlite` or `postgres` while it has the statements of that one
//! database checked against a real one. Every other build takes the answers it has written to `.sqlx/`.

fn main() {
    // `sqlx::migrate!` embeds the migrations; without this line a new file would not be noticed.
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=.sqlx");
    println!("cargo::rerun-if-env-changed=STORE_PREPARE");
    println!("cargo::rustc-check-cfg=cfg(prepare, values(\"sqlite\", \"postgres\"))");
    match std::env::var("STORE_PREPARE").as_deref() {
        Ok(database @ ("sqlite" | "postgres")) => println!("cargo::rustc-cfg=prepare=\"{database}\""),
        _ => println!("cargo::rustc-env=SQLX_OFFLINE=true"),
    }
}
