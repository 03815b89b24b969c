use engine::store::Granted;
use model::{EnvSlug, Grant, GrantTarget, GrantVerbs, Grantee, Group, GroupId, UserId, WorkflowId};

use super::{Result, parsed};

/// An environment and a workflow of a grant; empty is every one.
fn target(environment: &str, workflow: &str) -> Result<GrantTarget> {
    let slug = |text: &str| parsed("environment", text, |text| EnvSlug::parse(text).ok());
    let id = |text: &str| parsed("workflow", text, |text| WorkflowId::parse(text).ok());
    let slug = (!environment.is_empty()).then(|| slug(environment)).transpose()?;
    let id = (!workflow.is_empty()).then(|| id(workflow)).transpose()?;
    parsed("workflow", workflow, |_| GrantTarget::new(slug, id))
}

pub struct GrantRecord {
    pub kind: String,
    pub grantee: String,
    pub environment: String,
    pub workflow: String,
    pub run: i64,
    pub see: i64,
}

impl GrantRecord {
    pub fn read(self) -> Result<Grant> {
        Ok(Grant {
            to: parsed("grantee", &self.grantee, |id| Grantee::parse(&self.kind, id))?,
            target: target(&self.environment, &self.workflow)?,
            verbs: GrantVerbs { run: self.run != 0, see: self.see != 0 },
        })
    }
}

pub struct GrantedRecord {
    pub environment: String,
    pub workflow: String,
    pub run: i64,
    pub see: i64,
    /// Not a grant: whoever runs this workflow sees everybody's runs.
    pub shared: i64,
}

impl GrantedRecord {
    pub fn read_all(rows: Vec<Self>) -> Result<Granted> {
        let mut granted = Granted::default();
        for row in rows {
            match target(&row.environment, &row.workflow)? {
                GrantTarget::Workflow(environment, workflow) if row.shared != 0 => {
                    granted.shared.push((environment, workflow));
                }
                target => {
                    granted.grants.push((target, GrantVerbs { run: row.run != 0, see: row.see != 0 }));
                }
            }
        }
        Ok(granted)
    }
}

pub struct GroupRecord {
    pub id: String,
    pub name: String,
    pub member: Option<String>,
}

impl GroupRecord {
    /// Of rows in the order of groups.
    pub fn read_all(rows: Vec<Self>) -> Result<Vec<Group>> {
        let mut groups: Vec<Group> = Vec::new();
        for row in rows {
            let id = parsed("id", &row.id, |text| GroupId::parse(text).ok())?;
            if groups.last().is_none_or(|last| last.id != id) {
                groups.push(Group { id, name: row.name, members: Vec::new() });
            }
            if let (Some(member), Some(group)) = (row.member, groups.last_mut()) {
                group.members.push(parsed("member", &member, |text| UserId::parse(text).ok())?);
            }
        }
        Ok(groups)
    }
}
