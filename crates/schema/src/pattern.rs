//! Authors write patterns in JavaScript's syntax, unanchored.

/// Whether the pattern is found in the text; `None` for patterns that cannot be judged here, which
/// must never block anybody.
///
/// The browser asks its own engine; elsewhere only patterns whose meaning is the same are judged.
#[cfg(target_arch = "wasm32")]
pub fn matches(pattern: &str, text: &str) -> Option<bool> {
    use js_sys::{Array, Function, Reflect, RegExp, global};
    use wasm_bindgen::JsCast;

    // Constructed by reflection, because a wrong pattern throws.
    let constructor = Reflect::get(&global(), &"RegExp".into()).ok()?.dyn_into::<Function>().ok()?;
    let regex = Reflect::construct(&constructor, &Array::of1(&pattern.into())).ok()?;
    Some(regex.dyn_into::<RegExp>().ok()?.test(text))
}

#[cfg(not(target_arch = "wasm32"))]
pub fn matches(pattern: &str, text: &str) -> Option<bool> {
    // These compile but mean something else than in JavaScript.
    const OTHER_MEANING: [&str; 9] = ["[]", "[^]", "\\A", "\\z", "\\a", "\\U", "\\<", "\\>", "(?P"];
    if OTHER_MEANING.iter().any(|other| pattern.contains(other)) {
        return None;
    }
    let regex = regex_lite::RegexBuilder::new(pattern).size_limit(256 * 1024).build().ok()?;
    Some(regex.is_match(text))
}
