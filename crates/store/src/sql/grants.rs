//! Who was granted what.

use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AuditEntry, GrantStore, Granted, NewGroup},
};
use model::{EnvSlug, Grant, GrantTarget, Grantee, Group, GroupId, UserId, WorkflowId};

use super::{
    Database, audit,
    rights::bump_rights,
    row::{GrantRecord, GrantedRecord, GroupRecord, text},
    while_doing,
};

/// Names compare without case, in every script.
fn fold(name: &str) -> String {
    text(name.to_lowercase())
}

/// Environment and workflow as the tables have them: empty for every one.
fn place(target: &GrantTarget) -> (String, String) {
    let environment = target.environment().map(ToString::to_string);
    let workflow = target.workflow().map(ToString::to_string);
    (environment.unwrap_or_default(), workflow.unwrap_or_default())
}

#[async_trait]
impl GrantStore for Database {
    async fn granted(&self, person: &UserId) -> Result<Granted, StoreError> {
        let doing = "the grants could not be read";
        let rows = rows!(
            GrantedRecord,
            r#"SELECT environment AS "environment!: String", workflow AS "workflow!: String", run AS "run!: i64","#
                + r#" see AS "see!: i64", CAST(0 AS BIGINT) AS "shared!: i64" FROM grants WHERE kind = 'principal' AND grantee = $1"#
                + " OR kind = 'group' AND grantee IN (SELECT group_id FROM group_members WHERE member = $1)"
                + " UNION ALL SELECT environment, workflow, 0, 0, 1 FROM shared_runs",
            person.as_str()
        );
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        GrantedRecord::read_all(rows).map_err(while_doing(doing))
    }

    async fn grants(&self) -> Result<Vec<Grant>, StoreError> {
        let doing = "the grants could not be read";
        let rows = rows!(
            GrantRecord,
            r#"SELECT kind AS "kind!", grantee AS "grantee!", environment AS "environment!","#
                + r#" workflow AS "workflow!", run AS "run!", see AS "see!""#
                + " FROM grants ORDER BY environment, workflow, kind, grantee"
        );
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.into_iter().map(GrantRecord::read).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    async fn put_grant(&self, grant: Grant, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let (environment, workflow) = place(&grant.target);
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                bump_rights(db).await?;
                let known = value!(
                    r#"SELECT EXISTS (SELECT 1 FROM users WHERE $1 = 'principal' AND id = $2)"#
                        + r#" OR EXISTS (SELECT 1 FROM user_groups WHERE $1 = 'group' AND id = $2) AS "known!: bool""#,
                    grant.to.kind(),
                    grant.to.id()
                );
                if !known.fetch_one(&mut *db).await? {
                    return Ok(false);
                }
                statement!(
                    "INSERT INTO grants (grantee, kind, environment, workflow, run, see) VALUES ($1, $2, $3, $4, $5, $6)"
                        + " ON CONFLICT (grantee, kind, environment, workflow) DO UPDATE SET run = excluded.run, see = excluded.see",
                    grant.to.id(),
                    grant.to.kind(),
                    environment,
                    workflow,
                    i64::from(grant.verbs.run),
                    i64::from(grant.verbs.see)
                )
                .execute(&mut *db)
                .await?;
                audit::record(db, entry).await?;
                Ok(true)
            })
        });
        work.await.map_err(while_doing("the grant could not be stored"))
    }

    async fn remove_grant(&self, to: &Grantee, target: &GrantTarget, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let (to, kind, (environment, workflow)) = (to.id().to_owned(), to.kind(), place(target));
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                bump_rights(db).await?;
                let remove = statement!(
                    "DELETE FROM grants WHERE grantee = $1 AND environment = $2 AND workflow = $3 AND kind = $4",
                    to,
                    environment,
                    workflow,
                    kind
                );
                let removed = remove.execute(&mut *db).await?.rows_affected() > 0;
                if removed {
                    audit::record(db, entry).await?;
                }
                Ok(removed)
            })
        });
        work.await.map_err(while_doing("the grant could not be removed"))
    }

    async fn groups(&self) -> Result<Vec<Group>, StoreError> {
        let doing = "the groups could not be read";
        let rows = rows!(
            GroupRecord,
            r#"SELECT user_groups.id AS "id!", user_groups.name AS "name!", group_members.member AS "member?""#
                + " FROM user_groups LEFT JOIN group_members ON group_members.group_id = user_groups.id"
                + " ORDER BY user_groups.name_folded, user_groups.id, group_members.member"
        );
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        GroupRecord::read_all(rows).map_err(while_doing(doing))
    }

    async fn create_group(&self, group: NewGroup, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let create = statement!(
                    "INSERT INTO user_groups (id, name, name_folded, created_at) VALUES ($1, $2, $3, $4)"
                        + " ON CONFLICT DO NOTHING",
                    String::from(group.id),
                    text(group.name.as_str()),
                    fold(&group.name),
                    group.at
                );
                let created = create.execute(&mut *db).await?.rows_affected() > 0;
                if created {
                    audit::record(db, entry).await?;
                }
                Ok(created)
            })
        });
        work.await.map_err(while_doing("the group could not be stored"))
    }

    async fn remove_group(&self, id: &GroupId, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let id = id.to_string();
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                bump_rights(db).await?;
                statement!("DELETE FROM grants WHERE kind = 'group' AND grantee = $1", id).execute(&mut *db).await?;
                statement!("DELETE FROM group_members WHERE group_id = $1", id).execute(&mut *db).await?;
                let remove = statement!("DELETE FROM user_groups WHERE id = $1", id);
                let removed = remove.execute(&mut *db).await?.rows_affected() > 0;
                if removed {
                    audit::record(db, entry).await?;
                }
                Ok(removed)
            })
        });
        work.await.map_err(while_doing("the group could not be removed"))
    }

    /// Whoever is in it already leaves no audit entry: nothing was done.
    async fn add_member(&self, group: &GroupId, person: &UserId, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let (group, person) = (group.to_string(), person.to_string());
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                bump_rights(db).await?;
                let known = value!(
                    r#"SELECT EXISTS (SELECT 1 FROM user_groups WHERE id = $1)"#
                        + r#" AND EXISTS (SELECT 1 FROM users WHERE id = $2) AS "known!: bool""#,
                    group,
                    person
                );
                if !known.fetch_one(&mut *db).await? {
                    return Ok(false);
                }
                let add = statement!(
                    "INSERT INTO group_members (group_id, member) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    group,
                    person
                );
                if add.execute(&mut *db).await?.rows_affected() > 0 {
                    audit::record(db, entry).await?;
                }
                Ok(true)
            })
        });
        work.await.map_err(while_doing("the member could not be stored"))
    }

    async fn remove_member(&self, group: &GroupId, person: &UserId, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let (group, person) = (group.to_string(), person.to_string());
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                bump_rights(db).await?;
                let remove = statement!("DELETE FROM group_members WHERE group_id = $1 AND member = $2", group, person);
                let removed = remove.execute(&mut *db).await?.rows_affected() > 0;
                if removed {
                    audit::record(db, entry).await?;
                }
                Ok(removed)
            })
        });
        work.await.map_err(while_doing("the member could not be removed"))
    }

    async fn runs_shared(&self, environment: &EnvSlug, workflow: &WorkflowId) -> Result<bool, StoreError> {
        let shared = value!(
            r#"SELECT EXISTS (SELECT 1 FROM shared_runs WHERE environment = $1 AND workflow = $2) AS "shared!: bool""#,
            environment.as_str(),
            workflow.as_str()
        );
        shared.fetch_one(&self.reads).await.map_err(while_doing("a workflow's settings could not be read"))
    }

    /// What is so already leaves no audit entry: nothing was done.
    async fn share_runs(
        &self,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        shared: bool,
        entry: AuditEntry,
    ) -> Result<(), StoreError> {
        let entry = self.sign(entry)?;
        let (environment, workflow) = (environment.to_string(), workflow.to_string());
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                bump_rights(db).await?;
                let changed = if shared {
                    statement!(
                        "INSERT INTO shared_runs (environment, workflow) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                        environment,
                        workflow
                    )
                    .execute(&mut *db)
                    .await?
                } else {
                    statement!(
                        "DELETE FROM shared_runs WHERE environment = $1 AND workflow = $2",
                        environment,
                        workflow
                    )
                    .execute(&mut *db)
                    .await?
                };
                if changed.rows_affected() > 0 {
                    audit::record(db, entry).await?;
                }
                Ok(())
            })
        });
        work.await.map_err(while_doing("a workflow's settings could not be stored"))
    }
}
