use engine::Access;
use leptos::prelude::*;
use model::Environment;

use crate::{pages::Page, paths};

use super::{Card, page};

/// What this dashboard tells about itself. No secrets.
#[derive(Clone, Debug)]
pub struct About {
    pub version: &'static str,
    pub database: &'static str,
    /// Where browsers reach it.
    pub address: String,
    pub limits: Vec<Limit>,
}

#[derive(Clone, Debug)]
pub struct Limit {
    pub what: &'static str,
    pub value: String,
    /// The name of the setting that changes it.
    pub setting: &'static str,
}

pub fn about(who: &Access, about: About, environments: Vec<Environment>) -> Page {
    page(who, paths::ABOUT, || {
        view! {
            <Card title="This dashboard">
                <div class="card-body">
                    <dl class="kv">
                        <Fact name="Version" value=about.version.to_owned() />
                        <Fact name="Database" value=about.database.to_owned() />
                        <Fact name="Address" value=about.address />
                    </dl>
                </div>
            </Card>
            <Card title="Environments" about="Where workflows run. The server's settings name them.">
                {environments.into_iter().map(environment).collect_view()}
            </Card>
            <Card title="Limits" about="In force now. An operator changes each by the setting below it and a restart.">
                {about.limits.into_iter().map(limit).collect_view()}
            </Card>
        }
        .into_any()
    })
}

#[component]
fn Fact(name: &'static str, value: String) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
}

fn environment(environment: Environment) -> impl IntoView {
    view! {
        <div class="setting">
            <div>
                <span class="env-dot" data-env=environment.kind.as_str()>
                    {environment.slug.to_string()}
                </span>
                <p>{environment.upstream}</p>
            </div>
            <code class="code-inline">{environment.instance_id}</code>
        </div>
    }
}

fn limit(limit: Limit) -> impl IntoView {
    view! {
        <div class="setting">
            <div>
                {limit.what} <code class="setting-name">{limit.setting}</code>
            </div>
            <span class="num">{limit.value}</span>
        </div>
    }
}
