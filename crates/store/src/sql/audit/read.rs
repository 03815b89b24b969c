//! Reading entries, newest first.

use engine::{
    StoreError,
    store::{AuditFilter, AuditRow},
};
use model::{AuditAction, AuditKind, Page, UserId};
use sqlx::{Pool, QueryBuilder};

use super::super::{Backend, row::parsed, while_doing};

#[derive(sqlx::FromRow)]
struct Record {
    id: i64,
    position: Option<i64>,
    at: i64,
    actor: Option<String>,
    actor_name: Option<String>,
    action: String,
    subject: String,
    detail: String,
}

impl Record {
    fn read(self) -> Result<AuditRow, sqlx::Error> {
        let actor = self.actor.map(|actor| parsed("actor", &actor, |text| UserId::parse(text).ok()));
        Ok(AuditRow {
            id: self.id,
            position: self.position,
            at: self.at,
            actor: actor.transpose()?,
            actor_name: self.actor_name,
            action: self.action,
            subject: self.subject,
            detail: self.detail,
        })
    }
}

pub async fn entries(reads: &Pool<Backend>, filter: &AuditFilter) -> Result<Page<AuditRow>, StoreError> {
    let doing = "the audit trail could not be read";
    // One more than asked for shows whether there is a next page.
    let mut sql = newest(filter, filter.limit.saturating_add(1));
    let rows = sql.build_query_as::<Record>().fetch_all(reads).await.map_err(while_doing(doing))?;
    let items: Result<Vec<AuditRow>, _> = rows.into_iter().map(Record::read).collect();
    let mut items = items.map_err(while_doing(doing))?;
    let more = items.len() > filter.limit as usize;
    items.truncate(filter.limit as usize);
    let next = items.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Page { items, next })
}

/// Each filter walks along an index from its newest entry: the actor's, the subject's, that of what is not about
/// runs, or the entries themselves.
pub fn newest(filter: &AuditFilter, rows: u32) -> QueryBuilder<Backend> {
    let mut sql = QueryBuilder::new(
        "SELECT audit.id, audit.position, audit.at, audit.actor, users.name AS actor_name, audit.action, \
         audit.subject, audit.detail FROM audit LEFT JOIN users ON users.id = audit.actor WHERE 1 = 1",
    );
    if let Some(actor) = &filter.actor {
        sql.push(" AND audit.actor = ").push_bind(actor.to_string());
    }
    if let Some(subject) = &filter.subject {
        sql.push(" AND audit.subject = ").push_bind(subject.clone());
    }
    match filter.kind {
        None => {}
        Some(AuditKind::Runs) => {
            sql.push(" AND substr(audit.action, 1, 4) = 'run.'");
        }
        Some(kind) => {
            sql.push(" AND substr(audit.action, 1, 4) <> 'run.' AND audit.action IN (");
            let mut words = sql.separated(", ");
            for action in AuditAction::ALL.iter().filter(|action| action.kind() == kind) {
                words.push_bind(action.as_str());
            }
            words.push_unseparated(")");
        }
    }
    if let Some(since) = filter.since {
        sql.push(" AND audit.at >= ").push_bind(since);
    }
    if let Some(until) = filter.until {
        sql.push(" AND audit.at < ").push_bind(until);
    }
    if let Some(before) = filter.before {
        sql.push(" AND audit.id < ").push_bind(before);
    }
    sql.push(" ORDER BY audit.id DESC LIMIT ").push_bind(i64::from(rows));
    sql
}
