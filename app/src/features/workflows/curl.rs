use model::{EnvSlug, WorkflowId};
use schema::Form;
use serde_json::{Value, json};

/// Starts this workflow over REST, as it can be pasted into a shell that knows `$TOKEN`.
pub fn example(dashboard: &str, environment: &EnvSlug, workflow: &WorkflowId, form: Option<&Form>) -> String {
    let mut input = form.map_or_else(|| json!({}), schema::defaults);
    if let Value::Object(members) = &mut input {
        for field in form.into_iter().flat_map(Form::fields).filter(|field| field.required) {
            members.entry(field.key.clone()).or_insert_with(|| "…".into());
        }
    }
    let body = json!({ "environment": environment, "workflow": workflow, "input": input });
    let body = serde_json::to_string_pretty(&body).unwrap_or_default().replace('\'', "'\\''");
    let address = dashboard.trim_end_matches('/');
    format!(
        "curl {address}/api/v1/runs \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_names_what_is_required_and_is_quoted_for_a_shell() {
        let form = json!([
            { "key": "text", "type": "string", "required": true },
            { "key": "style", "type": "string", "defaultValue": "it's short" },
            { "key": "more", "type": "string" }
        ]);
        let form = Form::parse(&form).expect("a form");
        let (dev, id) = (EnvSlug::parse("dev").expect("a name"), WorkflowId::parse("sum").expect("an id"));
        let curl = example("https://runs.example/", &dev, &id, Some(&form));
        assert!(curl.starts_with("curl https://runs.example/api/v1/runs \\\n"), "{curl}");
        assert!(
            curl.contains("\"text\": \"…\"") && curl.contains("it'\\''s short") && !curl.contains("more"),
            "{curl}"
        );
        assert!(example("http://x", &dev, &id, None).contains("\"input\": {}"));
    }
}
