//! `invoice-total`: adds up the lines of an invoice, tax rate by tax rate.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Workflow;
use crate::{
    execution::ErrorDetails,
    input::{Input, invalid},
    run::{Outcome, Run},
};

const RATES: [&str; 4] = ["0", "6", "12", "21"];
const MAX_LINES: usize = 50;

pub fn workflow() -> Workflow {
    Workflow::http("invoice-total", "Invoice total", input_schema(), include_str!("invoice_total.md"), |run| {
        Box::pin(work(run))
    })
}

fn input_schema() -> Value {
    let rates: Vec<Value> = RATES.iter().map(|rate| json!({ "value": rate, "label": format!("{rate} %") })).collect();
    json!([
        { "key": "number", "type": "string", "label": "Invoice number", "required": true, "maxLength": 30 },
        { "key": "issued_on", "type": "date", "label": "Issued on" },
        {
            "key": "customer", "type": "object", "label": "Customer", "required": true, "schema": [
                { "key": "name", "type": "string", "label": "Name", "required": true, "maxLength": 80 },
                { "key": "vat_number", "type": "string", "label": "VAT number", "maxLength": 20 },
                {
                    "key": "address", "type": "object", "label": "Address", "schema": [
                        { "key": "street", "type": "string", "label": "Street" },
                        { "key": "city", "type": "string", "label": "City" }
                    ]
                }
            ]
        },
        {
            "key": "lines", "type": "objectArray", "label": "Lines", "required": true,
            "minItems": 1, "maxItems": MAX_LINES, "itemSchema": [
                { "key": "description", "type": "string", "label": "Description", "required": true },
                {
                    "key": "quantity", "type": "number", "label": "Quantity", "required": true,
                    "min": 0, "defaultValue": 1
                },
                {
                    "key": "unit_price", "type": "number", "numberType": "double", "required": true,
                    "label": "Unit price", "min": 0, "step": 0.01
                },
                {
                    "key": "vat_rate", "type": "select", "label": "VAT", "defaultValue": "21",
                    "options": rates
                }
            ]
        },
        {
            "key": "discount_percent", "type": "number", "label": "Discount (%)", "min": 0, "max": 100
        }
    ])
}

struct Line {
    description: String,
    quantity: f64,
    unit_price: f64,
    rate: &'static str,
    net_cents: f64,
}

struct Invoice {
    number: String,
    customer: String,
    lines: Vec<Line>,
}

async fn work(run: &mut Run) -> Outcome {
    let invoice = match read(Input(&run.input)) {
        Ok(invoice) => invoice,
        Err(error) => return Err(run.fail("Validate invoice", 50, error).await),
    };
    run.step("Validate invoice", 50, json!({ "lines": invoice.lines.len() })).await;
    let rows: Vec<Value> = invoice.lines.iter().map(row).collect();
    run.node("Price lines", "n8n-nodes-base.code", 700, rows.clone()).await;
    let mut by_rate: BTreeMap<u8, f64> = BTreeMap::new();
    for line in &invoice.lines {
        *by_rate.entry(line.rate.parse().unwrap_or(0)).or_default() += line.net_cents;
    }
    let taxes: Vec<(u8, f64, f64)> =
        by_rate.into_iter().map(|(rate, net)| (rate, net, (net * f64::from(rate) / 100.0).round())).collect();
    let net: f64 = taxes.iter().map(|(_, net, _)| net).sum();
    let tax: f64 = taxes.iter().map(|(.., tax)| tax).sum();
    let result = json!({
        "invoice": invoice.number,
        "customer": invoice.customer,
        "lines": rows,
        "vat": taxes
            .iter()
            .map(|(rate, net, tax)| json!({ "rate": rate, "net": euros(*net), "vat": euros(*tax) }))
            .collect::<Vec<_>>(),
        "net": euros(net),
        "vat_total": euros(tax),
        "total": euros(net + tax),
    });
    run.step("Add up", 450, result.clone()).await;
    Ok(result.into())
}

fn read(input: Input<'_>) -> Result<Invoice, ErrorDetails> {
    let number = input.text("number", 30)?.to_owned();
    input.date("issued_on")?;
    let customer =
        input.object("customer")?.ok_or_else(|| invalid("Field 'customer' is required"))?.text("name", 80)?.to_owned();
    let discount = input.number("discount_percent", 0.0, 100.0)?.unwrap_or(0.0);
    let lines = input.list("lines")?;
    if lines.is_empty() || lines.len() > MAX_LINES {
        return Err(invalid(format!("Field 'lines' needs 1 to {MAX_LINES} entries")));
    }
    let lines = lines
        .iter()
        .map(|line| {
            let line = line.as_object().ok_or_else(|| invalid("Every entry of 'lines' must be an object"))?;
            read_line(Input(line), discount)
        })
        .collect::<Result<_, _>>()?;
    Ok(Invoice { number, customer, lines })
}

fn read_line(line: Input<'_>, discount: f64) -> Result<Line, ErrorDetails> {
    let amount =
        |key: &str| line.number(key, 0.0, 1e9)?.ok_or_else(|| invalid(format!("Field '{key}' of a line is required")));
    let (quantity, unit_price) = (amount("quantity")?, amount("unit_price")?);
    let rate = line.choice("vat_rate", &RATES)?.unwrap_or("21");
    Ok(Line {
        description: line.text("description", 200)?.to_owned(),
        quantity,
        unit_price,
        rate: RATES.into_iter().find(|known| *known == rate).unwrap_or("21"),
        net_cents: (quantity * unit_price * (100.0 - discount)).round(),
    })
}

fn row(line: &Line) -> Value {
    json!({
        "description": line.description,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "vat_rate": line.rate,
        "net": euros(line.net_cents),
    })
}

fn euros(cents: f64) -> f64 {
    cents / 100.0
}
