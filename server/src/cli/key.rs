//! What `key rotate` says.

use store::Rotated;

pub fn prepared(key: i64) -> String {
    format!(
        "Master key {key} is in the file and not used yet. Bring the file to every replica, then run the command without \
         --prepare."
    )
}

pub fn rotated(rotated: Rotated) -> String {
    let Rotated { key, secrets } = rotated;
    let secrets = match secrets {
        0 => "there was no secret to seal again".to_owned(),
        1 => "one secret was sealed again".to_owned(),
        more => format!("{more} secrets were sealed again"),
    };
    format!(
        "Master key {key} is in use; {secrets}. Keep a copy of the file elsewhere: it also holds the older keys, which \
         verify the audit trail of their time."
    )
}
