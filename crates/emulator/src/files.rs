//! Files that workflows put out: kept as long as there is room, and handed out again below `/_emulator/files`.

use std::{
    collections::VecDeque,
    fs, io,
    path::{Path, PathBuf},
    sync::Mutex,
};

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{hex, lock};

/// Bytes of files that stay in memory; the oldest go first.
const KEPT: usize = 256 * 1024 * 1024;

/// What a workflow uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub about: About,
    pub bytes: Bytes,
}

/// What is known about a file besides its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub name: String,
    pub mime: String,
}

/// All files: in the data folder if there is one, else in memory.
#[derive(Debug)]
pub struct Files {
    folder: Option<PathBuf>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    documents: VecDeque<(String, Document)>,
    bytes: usize,
}

impl Files {
    /// Files below the data folder `data`, or in memory.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(data: Option<&Path>) -> io::Result<Self> {
        let folder = data.map(|data| data.join("files"));
        if let Some(folder) = &folder {
            fs::create_dir_all(folder)?;
        }
        Ok(Self { folder, memory: Mutex::default() })
    }

    /// Keeps a file of an execution and returns its id.
    ///
    /// # Errors
    /// When the data folder cannot take it.
    pub fn put(&self, execution: &str, document: Document) -> io::Result<String> {
        let id = id(execution, &document);
        match &self.folder {
            Some(folder) => {
                fs::write(folder.join(format!("{id}.json")), serde_json::to_vec(&document.about)?)?;
                fs::write(folder.join(&id), &document.bytes)?;
            }
            None => lock(&self.memory).put(id.clone(), document, KEPT),
        }
        Ok(id)
    }

    /// The file with this id, if it is still there.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Document> {
        let is_id = id.starts_with("doc_") && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let Some(folder) = self.folder.as_ref().filter(|_| is_id) else {
            return lock(&self.memory).get(id);
        };
        let about = serde_json::from_slice(&fs::read(folder.join(format!("{id}.json"))).ok()?).ok()?;
        Some(Document { about, bytes: fs::read(folder.join(id)).ok()?.into() })
    }
}

impl Memory {
    fn put(&mut self, id: String, document: Document, kept: usize) {
        self.bytes += document.bytes.len();
        self.documents.push_back((id, document));
        while self.bytes > kept && self.documents.len() > 1 {
            self.bytes -= self.documents.pop_front().map_or(0, |(_, oldest)| oldest.bytes.len());
        }
    }

    fn get(&self, id: &str) -> Option<Document> {
        self.documents.iter().rev().find(|(known, _)| known == id).map(|(_, document)| document.clone())
    }
}

/// The id of a file: the same for the same file of the same execution.
fn id(execution: &str, document: &Document) -> String {
    let digest = Sha256::new()
        .chain_update(execution)
        .chain_update([0])
        .chain_update(&document.about.name)
        .chain_update([0])
        .chain_update(&document.bytes)
        .finalize();
    format!("doc_{}", &hex(&digest)[..20])
}

/// What *upload* answers about a file.
#[must_use]
pub fn receipt(execution: &str, id: &str, document: &Document) -> serde_json::Value {
    let About { name, mime } = &document.about;
    serde_json::json!({
        "success": true,
        "documentId": id,
        "storagePath": format!("executions/{execution}/{id}/{name}"),
        "fileName": name,
        "fileSize": document.bytes.len(),
        "mimeType": mime,
    })
}

#[cfg(test)]
mod tests {
    use super::{About, Document, Files, Memory};

    fn document(name: &str, bytes: &'static [u8]) -> Document {
        Document { about: About { name: name.to_owned(), mime: "text/plain".to_owned() }, bytes: bytes.into() }
    }

    #[test]
    fn the_oldest_files_make_room() {
        let mut memory = Memory::default();
        for (id, bytes) in [("a", b"1234".as_slice()), ("b", b"56"), ("c", b"78")] {
            memory.put(id.to_owned(), document(id, bytes), 5);
        }
        assert_eq!(memory.get("a"), None);
        assert_eq!(memory.get("b"), Some(document("b", b"56")));
        memory.put("huge".to_owned(), document("huge", b"1234567"), 5);
        assert!(memory.get("huge").is_some() && memory.get("c").is_none());
    }

    #[test]
    fn files_in_a_folder_outlive_the_process_and_nothing_else_is_handed_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::open(Some(folder.path())).expect("files");
        let id = files.put("e1", document("a.txt", b"hello")).expect("kept");
        std::fs::write(folder.path().join("secret"), "x").expect("written");
        let files = Files::open(Some(folder.path())).expect("files");
        assert_eq!(files.get(&id), Some(document("a.txt", b"hello")));
        for other in ["../secret", "doc_../../secret", "", "doc_", &format!("{id}.json")] {
            assert_eq!(files.get(other), None, "{other}");
        }
    }
}
