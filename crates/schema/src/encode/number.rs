use serde_json::{Number, Value};

/// What somebody typed, as an exact JSON number; `Err` says what to do instead.
///
/// Integers stay integers. A whole number written with a fraction or exponent ("12.0") becomes one
/// where `integer` is asked for.
pub fn parse(text: &str, integer: bool) -> Result<Value, String> {
    let text = text.trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return text
            .parse::<i64>()
            .map(Number::from)
            .or_else(|_| text.parse::<u64>().map(Number::from))
            .map(Value::Number)
            .map_err(|_| "This number has too many digits to be sent exactly.".into());
    }
    // Parsers take more than this: "inf", "nan", the browser's also hexadecimal digits and no text at all.
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let value = if plain { nearest(text).filter(|f| f.is_finite()) } else { None };
    let Some(value) = value else {
        return Err(crate::validate::not_a_number(integer));
    };
    // Beyond 2^53 a float no longer tells neighbouring integers apart.
    if integer && value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        return Ok(Value::from(value as i64));
    }
    Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
}

/// By the browser, which has the tables for it; they are 10 KB that do not compress.
#[cfg(target_arch = "wasm32")]
fn nearest(text: &str) -> Option<f64> {
    Some(wasm_bindgen::JsValue::from_str(text).unchecked_into_f64()).filter(|f| !f.is_nan())
}

#[cfg(not(target_arch = "wasm32"))]
fn nearest(text: &str) -> Option<f64> {
    text.parse().ok()
}
