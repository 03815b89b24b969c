//! `text-summary`: statistics and the sentences that carry most of a text.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::Workflow;
use crate::{
    input::Input,
    run::{Outcome, Run},
};

const MAX_TEXT: usize = 5000;
const STYLES: [&str; 3] = ["bullets", "paragraph", "headline"];
/// Words that say nothing about what a text is about.
const STOP_WORDS: &str = "a about after all also an and any are as at be because been but by can could did do does for from had has have he her his how i if in into is it its just like more most my no not of on one only or other our out over she should so some such than that the their them then there these they this to up was we were what when which who will with would you your";

pub fn workflow() -> Workflow {
    Workflow::http("text-summary", "Text summary", input_schema(), include_str!("text_summary.md"), |run| {
        Box::pin(work(run))
    })
}

fn input_schema() -> Value {
    json!([
        {
            "key": "text", "type": "text", "label": "Text", "required": true,
            "maxLength": MAX_TEXT, "rows": 8,
            "placeholder": "Paste an article, a mail, meeting notes …",
            "description": "The text to summarise."
        },
        {
            "key": "sentences", "type": "number", "numberType": "integer", "label": "Sentences",
            "min": 1, "max": 10, "step": 1, "defaultValue": 3,
            "description": "How many sentences to keep."
        },
        {
            "key": "style", "type": "select", "label": "Style", "defaultValue": "bullets",
            "options": [
                { "value": "bullets", "label": "Bullet points" },
                { "value": "paragraph", "label": "One paragraph" },
                { "value": "headline", "label": "Headline and paragraph" }
            ]
        }
    ])
}

async fn work(run: &mut Run) -> Outcome {
    let text = match Input(&run.input).text("text", MAX_TEXT) {
        Ok(text) => text.to_owned(),
        Err(error) => return Err(run.fail("Validate input", 40, error).await),
    };
    let options = options(Input(&run.input));
    let (wanted, style) = match options {
        Ok(options) => options,
        Err(error) => return Err(run.fail("Validate input", 40, error).await),
    };
    run.step("Validate input", 40, json!({ "characters": text.chars().count() })).await;

    let sentences = split_sentences(&text);
    run.step("Split sentences", 420, json!({ "sentences": sentences.len() })).await;

    let frequencies = word_frequencies(&text);
    let keywords = keywords(&frequencies, 8);
    run.step("Count words", 640, json!({ "keywords": keywords })).await;

    let kept = best_sentences(&sentences, &frequencies, wanted);
    run.step("Rank sentences", 900, json!({ "kept": kept })).await;

    let words = words(&text).count();
    let result = json!({
        "summary": render(&kept, &keywords, &style),
        "sentences": kept,
        "keywords": keywords,
        "statistics": {
            "characters": text.chars().count(),
            "words": words,
            "sentences": sentences.len(),
            "reading_minutes": reading_minutes(words),
        },
    });
    run.step("Write summary", 350, result.clone()).await;
    Ok(result.into())
}

fn options(input: Input<'_>) -> Result<(usize, String), crate::execution::ErrorDetails> {
    let wanted = input.number("sentences", 1.0, 10.0)?.unwrap_or(3.0);
    let style = input.choice("style", &STYLES)?.unwrap_or("bullets");
    let wanted = (1..=10).rev().find(|n| f64::from(*n) <= wanted).unwrap_or(1);
    Ok((usize::try_from(wanted).unwrap_or(1), style.to_owned()))
}

/// Splits after `.`, `!`, `?` or `…` followed by white space, and at line ends.
fn split_sentences(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut current = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\n' {
            current.push(character);
        }
        let ends =
            matches!(character, '.' | '!' | '?' | '…') && characters.peek().is_none_or(|next| next.is_whitespace());
        if ends || character == '\n' {
            push_trimmed(&mut sentences, &mut current);
        }
    }
    push_trimmed(&mut sentences, &mut current);
    sentences
}

fn push_trimmed(sentences: &mut Vec<String>, current: &mut String) {
    let sentence = current.trim();
    if !sentence.is_empty() {
        sentences.push(sentence.to_owned());
    }
    current.clear();
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|character: char| !character.is_alphanumeric() && character != '\'')
        .map(|word| word.trim_matches('\'').to_lowercase())
        .filter(|word| !word.is_empty())
}

fn word_frequencies(text: &str) -> HashMap<String, usize> {
    let stop: HashSet<&str> = STOP_WORDS.split(' ').collect();
    let mut frequencies = HashMap::new();
    for word in words(text).filter(|word| word.chars().count() > 2 && !stop.contains(word.as_str())) {
        *frequencies.entry(word).or_default() += 1;
    }
    frequencies
}

fn keywords(frequencies: &HashMap<String, usize>, count: usize) -> Vec<String> {
    let mut ranked: Vec<_> = frequencies.iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    ranked.into_iter().take(count).map(|(word, _)| word.clone()).collect()
}

/// The sentences with the highest mean word frequency, in the order of the text.
fn best_sentences(sentences: &[String], frequencies: &HashMap<String, usize>, wanted: usize) -> Vec<String> {
    let score = |sentence: &str| {
        let (sum, count) = words(sentence).fold((0_u32, 0_u32), |(sum, count), word| {
            let frequency = frequencies.get(&word).copied().unwrap_or(0);
            (sum + u32::try_from(frequency).unwrap_or(0), count + 1)
        });
        // Very short sentences would win by one frequent word.
        f64::from(sum) / f64::from(count.max(6))
    };
    let mut ranked: Vec<(usize, f64)> =
        sentences.iter().enumerate().map(|(index, sentence)| (index, score(sentence))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut kept: Vec<usize> = ranked.into_iter().take(wanted).map(|(index, _)| index).collect();
    kept.sort_unstable();
    kept.into_iter().filter_map(|index| sentences.get(index).cloned()).collect()
}

fn render(kept: &[String], keywords: &[String], style: &str) -> String {
    let body = match style {
        "bullets" => kept.iter().map(|sentence| format!("- {sentence}")).collect::<Vec<_>>().join("\n"),
        _ => kept.join(" "),
    };
    let topics = keywords.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    let head = if style == "headline" { format!("## {}\n\n", title(keywords)) } else { String::new() };
    if topics.is_empty() { format!("{head}{body}") } else { format!("{head}{body}\n\n**Topics:** {topics}") }
}

fn title(keywords: &[String]) -> String {
    let mut title = keywords.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    if let Some(first) = title.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    if title.is_empty() { "Summary".to_owned() } else { title }
}

/// At 220 words a minute, to one decimal.
fn reading_minutes(words: usize) -> f64 {
    let words = f64::from(u32::try_from(words).unwrap_or(u32::MAX));
    (words / 22.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::{best_sentences, split_sentences, word_frequencies};

    #[test]
    fn sentences_end_at_stops_and_lines() {
        let text = "One costs 1.5 euro. Two?\nThree without a stop";
        assert_eq!(split_sentences(text), ["One costs 1.5 euro.", "Two?", "Three without a stop"]);
    }

    #[test]
    fn the_sentence_with_the_most_frequent_words_is_kept() {
        let text = "Cats sleep. Invoices are late and invoices cost money when invoices wait. Rain falls.";
        let sentences = split_sentences(text);
        let kept = best_sentences(&sentences, &word_frequencies(text), 1);
        assert_eq!(kept, [sentences[1].clone()]);
    }
}
