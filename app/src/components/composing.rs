use web_sys::KeyboardEvent;

/// The key belongs to a word that is being put together (Chinese, Japanese, …). Safari tells of the key that ends it
/// only by this number.
pub fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}
