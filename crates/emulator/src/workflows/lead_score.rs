//! `lead-score`: grades a sales lead and says why.

use serde_json::{Value, json};

use super::{Workflow, enrich_company};
use crate::{
    execution::ErrorDetails,
    input::{Input, invalid},
    run::{Outcome, Run},
};

const SEGMENTS: [&str; 3] = ["smb", "mid_market", "enterprise"];
const SOURCES: [&str; 4] = ["website", "event", "referral", "cold_call"];
const INTERESTS: [&str; 5] = ["automation", "reporting", "integrations", "support", "training"];
const FREE_MAIL: [&str; 5] = ["gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "proton.me"];

pub fn workflow() -> Workflow {
    Workflow::http("lead-score", "Lead score", input_schema(), include_str!("lead_score.md"), |run| Box::pin(work(run)))
        .costs(2.0)
        .uses("openai")
}

fn input_schema() -> Value {
    json!([
        {
            "type": "section", "title": "Contact", "description": "Who is it?",
            "inputSchema": [
                {
                    "key": "email", "type": "string", "label": "E-mail", "required": true,
                    "maxLength": 120, "regex": "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$",
                    "regexError": "This is no e-mail address", "placeholder": "ann@acme.example"
                },
                { "key": "full_name", "type": "string", "label": "Name", "maxLength": 80 },
                {
                    "key": "met_on", "type": "date", "label": "Met on", "minDate": "2000-01-01",
                    "tooltip": "The day of the first contact"
                }
            ]
        },
        {
            "type": "section", "title": "Company", "inputSchema": [
                {
                    "key": "segment", "type": "select", "label": "Segment", "required": true,
                    "options": [
                        { "value": "smb", "label": "Small business" },
                        { "value": "mid_market", "label": "Mid-market" },
                        { "value": "enterprise", "label": "Enterprise" }
                    ]
                },
                {
                    "key": "employees", "type": "number", "numberType": "integer", "label": "Employees",
                    "min": 1, "max": 1_000_000
                },
                {
                    "key": "budget", "type": "number", "numberType": "double", "label": "Budget (EUR)",
                    "min": 0, "step": 0.01, "description": "What they said they can spend a year."
                }
            ]
        },
        {
            "type": "section", "title": "Interest", "collapsible": true, "defaultOpen": true,
            "inputSchema": [
                {
                    "key": "source", "type": "radio", "label": "Source", "defaultValue": "website",
                    "options": [
                        { "value": "website", "label": "Website" },
                        { "value": "event", "label": "Event" },
                        { "value": "referral", "label": "Referral" },
                        { "value": "cold_call", "label": "Cold call" }
                    ]
                },
                {
                    "key": "interests", "type": "multiselect", "label": "Interests", "maxSelections": 4,
                    "options": [
                        { "value": "automation", "label": "Automation" },
                        { "value": "reporting", "label": "Reporting" },
                        { "value": "integrations", "label": "Integrations" },
                        { "value": "support", "label": "Support" },
                        { "value": "training", "label": "Training" }
                    ]
                },
                {
                    "key": "decision_maker", "type": "boolean", "label": "Decides alone",
                    "enabledLabel": "Yes", "disabledLabel": "No", "defaultValue": false
                }
            ]
        }
    ])
}

struct Lead {
    email: String,
    name: Option<String>,
    met_on: Option<jiff::civil::Date>,
    segment: String,
    employees: Option<f64>,
    budget: Option<f64>,
    source: String,
    interests: Vec<String>,
    decides: bool,
}

async fn work(run: &mut Run) -> Outcome {
    let lead = match read(Input(&run.input)) {
        Ok(lead) => lead,
        Err(error) => return Err(run.fail("Validate input", 60, error).await),
    };
    run.step("Validate input", 60, json!({ "email": lead.email })).await;

    let company = company(&lead.email);
    run.call(
        "Enrich company",
        enrich_company::ID,
        json!({ "email": lead.email }),
        &[("Find domain", 250, json!({ "domain": company["domain"] })), ("Look up company", 900, company.clone())],
    )
    .await;

    let today = jiff::Timestamp::from_millisecond(run.created_at)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let reasons = reasons(&lead, &company, today);
    let score = reasons.iter().map(|(_, points)| points).sum::<i32>().clamp(0, 100);
    run.step("Score", 1900, json!({ "score": score })).await;

    let result = result(&lead, &company, score, &reasons);
    run.step("Write reasons", 700, result.clone()).await;
    Ok(result.into())
}

fn read(input: Input<'_>) -> Result<Lead, ErrorDetails> {
    let email = input.text("email", 120)?;
    let has_domain = email.split_once('@').is_some_and(|(user, domain)| !user.is_empty() && domain.contains('.'));
    if !has_domain {
        return Err(invalid("Field 'email' is no e-mail address"));
    }
    let segment = input.choice("segment", &SEGMENTS)?.ok_or_else(|| invalid("Field 'segment' is required"))?;
    Ok(Lead {
        email: email.to_lowercase(),
        name: input.optional_text("full_name", 80)?.map(str::to_owned),
        met_on: input.date("met_on")?,
        segment: segment.to_owned(),
        employees: input.number("employees", 1.0, 1_000_000.0)?,
        budget: input.number("budget", 0.0, f64::MAX)?,
        source: input.choice("source", &SOURCES)?.unwrap_or("website").to_owned(),
        interests: input.choices("interests", &INTERESTS)?.into_iter().map(str::to_owned).collect(),
        decides: input.flag("decision_maker", false)?,
    })
}

fn company(email: &str) -> Value {
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    let private = FREE_MAIL.contains(&domain);
    json!({
        "domain": domain,
        "is_company": !private,
        "country": domain.rsplit_once('.').map(|(_, tld)| tld).filter(|tld| tld.len() == 2),
    })
}

fn reasons(lead: &Lead, company: &Value, today: jiff::civil::Date) -> Vec<(&'static str, i32)> {
    let mut reasons = vec![match lead.segment.as_str() {
        "enterprise" => ("Enterprise segment", 20),
        "mid_market" => ("Mid-market segment", 14),
        _ => ("Small business", 8),
    }];
    reasons.push(if company["is_company"] == true {
        ("Writes from a company address", 15)
    } else {
        ("Writes from a free-mail address", -10)
    });
    match lead.budget {
        Some(budget) if budget >= 50_000.0 => reasons.push(("Large budget", 25)),
        Some(budget) if budget >= 5_000.0 => reasons.push(("Budget known", 15)),
        Some(_) => reasons.push(("Small budget", 4)),
        None => {}
    }
    if lead.employees.is_some_and(|employees| employees >= 250.0) {
        reasons.push(("More than 250 employees", 10));
    }
    reasons.push(match lead.source.as_str() {
        "referral" => ("Came by referral", 15),
        "event" => ("Met at an event", 10),
        "cold_call" => ("Cold call", 2),
        _ => ("Came by the website", 6),
    });
    let interests = i32::try_from(lead.interests.len()).unwrap_or(0);
    if interests > 0 {
        reasons.push(("Stated interests", 3 * interests.min(4)));
    }
    if lead.decides {
        reasons.push(("Decides alone", 12));
    }
    if let Some(met_on) = lead.met_on {
        let days = today.since(met_on).map_or(0, |span| span.get_days());
        reasons.push(if days <= 30 { ("Recent contact", 8) } else { ("Contact went cold", -5) });
    }
    reasons
}

fn result(lead: &Lead, company: &Value, score: i32, reasons: &[(&str, i32)]) -> Value {
    let grade = match score {
        80.. => "A",
        60..80 => "B",
        40..60 => "C",
        _ => "D",
    };
    let next = match grade {
        "A" => "Call today",
        "B" => "Write a personal mail this week",
        "C" => "Add to the newsletter",
        _ => "Wait for them to come back",
    };
    let reasons: Vec<Value> =
        reasons.iter().map(|(reason, points)| json!({ "reason": reason, "points": points })).collect();
    json!({
        "grade": grade,
        "score": score,
        "next_step": next,
        "lead": lead.name.as_deref().unwrap_or(&lead.email),
        "company": company,
        "reasons": reasons,
    })
}
