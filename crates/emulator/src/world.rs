//! What exists on the platform besides executions: instances and keys.

use serde_json::{Value, json};

use crate::fixtures as f;

/// One installation of a process, as §3.4 of the vendor's documentation shows it.
#[derive(Debug, Clone)]
pub struct Instance {
    pub id: String,
    pub process: String,
    pub project: String,
    pub organization: String,
    pub environment: String,
    pub title: String,
    pub version: String,
    pub is_active: bool,
    pub archived: bool,
    pub inactive_reason: Option<String>,
    /// `pending`, `deploying`, `deployed`, `updating` or `failed`.
    pub deployment_status: String,
    pub parameters: Value,
    /// Milliseconds since the Unix epoch.
    pub installed_at: i64,
    pub last_executed_at: Option<i64>,
}

impl Instance {
    /// Whether a trigger is accepted.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.is_active && !self.archived && self.deployment_status == "deployed"
    }
}

/// The four kinds of key, told apart by their prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    Instance,
    Organization,
    Admin,
    Personal,
}

impl KeyKind {
    /// The word of the `type` member in the answer of *verify*.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Instance => "instance-api-key",
            Self::Organization => "org-api-key",
            Self::Admin => "admin-api-key",
            Self::Personal => "personal-api-key",
        }
    }

    /// How many characters of the key are its prefix.
    #[must_use]
    pub const fn prefix_len(self) -> usize {
        match self {
            Self::Instance => 3,
            Self::Organization | Self::Admin | Self::Personal => 4,
        }
    }
}

/// A key somebody may present.
#[derive(Debug, Clone)]
pub struct Key {
    pub secret: String,
    pub kind: KeyKind,
    pub name: String,
    pub organization: String,
    /// The one instance an instance key opens.
    pub instance: Option<String>,
    /// If set, the only instances its owner may see.
    pub sees: Option<Vec<String>>,
    pub scopes: Vec<String>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub last_used_at: Option<i64>,
    pub revoked: bool,
}

/// All instances and keys.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub instances: Vec<Instance>,
    pub keys: Vec<Key>,
    pub signing_secrets: Vec<SigningSecret>,
}

/// A webhook signing secret, stored for one workflow of one instance.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SigningSecret {
    pub process_instance_id: String,
    pub workflow_id: String,
    /// `whsec_` followed by base64, or the base64 alone.
    pub secret: String,
}

/// Every scope the platform knows that a dashboard could meet.
pub const ALL_SCOPES: [&str; 10] = [
    "workflows:trigger",
    "executions:read",
    "instances:read",
    "instances:manage",
    "skills:read",
    "projects:read",
    "projects:create",
    "deploy:use-case",
    "integrations:manage",
    "api-keys:manage",
];

/// What a dashboard's organization key is recommended to carry.
const DASHBOARD_SCOPES: [&str; 4] = ["workflows:trigger", "executions:read", "instances:read", "skills:read"];

/// 10 January 2025.
const INSTALLED_AT: i64 = 1_736_496_000_000;
/// 1 June 2025.
const LONG_GONE: i64 = 1_748_736_000_000;

impl World {
    /// The world of a fresh emulator.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            instances: demo_instances(),
            keys: demo_keys(),
            signing_secrets: vec![SigningSecret {
                process_instance_id: f::DEV_INSTANCE.to_owned(),
                workflow_id: "text-summary".to_owned(),
                secret: f::SIGNING_SECRET.to_owned(),
            }],
        }
    }

    /// The instance with this id.
    #[must_use]
    pub fn instance(&self, id: &str) -> Option<&Instance> {
        self.instances.iter().find(|instance| instance.id == id)
    }

    /// The key that opens this instance and no other.
    #[must_use]
    pub fn key_of(&self, id: &str) -> Option<&str> {
        let opens = |key: &&Key| key.kind == KeyKind::Instance && key.instance.as_deref() == Some(id);
        self.keys.iter().find(opens).map(|key| key.secret.as_str())
    }

    /// Adds an active instance of the demo organization.
    pub fn add(&mut self, id: &str, environment: &str) {
        self.instances.push(instance(id, environment, "Workbench", "1.0"));
    }

    /// Gives an instance another instance key; `false` if something else has this one.
    pub fn open_with(&mut self, id: &str, secret: &str) -> bool {
        let opens = |key: &Key| key.kind == KeyKind::Instance && key.instance.as_deref() == Some(id);
        if self.keys.iter().any(|key| key.secret == secret && !opens(key)) {
            return false;
        }
        self.keys.retain(|key| !opens(key));
        let organization = self.instance(id).map_or(f::ORGANIZATION, |instance| &instance.organization).to_owned();
        self.keys.push(instance_key(secret, id, &organization));
        true
    }

    /// Notes when an instance last ran something.
    pub fn mark_executed(&mut self, id: &str, at: i64) {
        if let Some(instance) = self.instances.iter_mut().find(|instance| instance.id == id) {
            instance.last_executed_at = Some(at);
        }
    }
}

fn instance(id: &str, environment: &str, title: &str, version: &str) -> Instance {
    Instance {
        id: id.to_owned(),
        process: f::PROCESS.to_owned(),
        project: f::PROJECT.to_owned(),
        organization: f::ORGANIZATION.to_owned(),
        environment: environment.to_owned(),
        title: title.to_owned(),
        version: version.to_owned(),
        is_active: true,
        archived: false,
        inactive_reason: None,
        deployment_status: "deployed".to_owned(),
        parameters: json!({ "COMPANY_NAME": "Acme", "MAX_ITEMS": 20 }),
        installed_at: INSTALLED_AT,
        last_executed_at: None,
    }
}

fn demo_instances() -> Vec<Instance> {
    let demo = instance;
    vec![
        demo(f::DEV_INSTANCE, "dev", "Demo workbench", "1.13"),
        demo(f::PROD_INSTANCE, "prod", "Demo workbench", "1.12"),
        Instance {
            is_active: false,
            inactive_reason: Some("user_paused".to_owned()),
            ..demo(f::PAUSED_INSTANCE, "dev", "Paused workbench", "1.4")
        },
        Instance {
            is_active: false,
            archived: true,
            inactive_reason: Some("archived".to_owned()),
            ..demo(f::ARCHIVED_INSTANCE, "prod", "Old workbench", "0.9")
        },
        Instance {
            is_active: false,
            inactive_reason: Some("deploy_failed".to_owned()),
            deployment_status: "failed".to_owned(),
            ..demo(f::FAILED_INSTANCE, "dev", "Broken workbench", "1.14")
        },
        Instance {
            organization: f::OTHER_ORGANIZATION.to_owned(),
            ..demo(f::OTHER_INSTANCE, "prod", "Somebody else's workbench", "2.0")
        },
    ]
}

fn instance_key(secret: &str, id: &str, organization: &str) -> Key {
    Key {
        secret: secret.to_owned(),
        kind: KeyKind::Instance,
        name: "instance key".to_owned(),
        organization: organization.to_owned(),
        instance: Some(id.to_owned()),
        sees: None,
        scopes: Vec::new(),
        created_at: INSTALLED_AT,
        expires_at: None,
        last_used_at: None,
        revoked: false,
    }
}

fn demo_keys() -> Vec<Key> {
    let instance = instance_key;
    let organization = |secret: &str, name: &str, scopes: &[&str]| Key {
        kind: KeyKind::Organization,
        name: name.to_owned(),
        instance: None,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        ..instance(secret, "", f::ORGANIZATION)
    };
    vec![
        instance(f::DEV_INSTANCE_KEY, f::DEV_INSTANCE, f::ORGANIZATION),
        instance(f::PROD_INSTANCE_KEY, f::PROD_INSTANCE, f::ORGANIZATION),
        instance(f::PAUSED_INSTANCE_KEY, f::PAUSED_INSTANCE, f::ORGANIZATION),
        instance(f::ARCHIVED_INSTANCE_KEY, f::ARCHIVED_INSTANCE, f::ORGANIZATION),
        instance(f::FAILED_INSTANCE_KEY, f::FAILED_INSTANCE, f::ORGANIZATION),
        instance(f::OTHER_INSTANCE_KEY, f::OTHER_INSTANCE, f::OTHER_ORGANIZATION),
        organization(f::DEV_ORG_KEY, "dashboard dev", &DASHBOARD_SCOPES),
        organization(f::PROD_ORG_KEY, "dashboard prod", &DASHBOARD_SCOPES),
        organization(f::MANAGER_KEY, "manager", &ALL_SCOPES),
        Key {
            sees: Some(vec![f::DEV_INSTANCE.to_owned()]),
            ..organization(f::MEMBER_KEY, "member", &DASHBOARD_SCOPES)
        },
        organization(f::NARROW_KEY, "trigger only", &["workflows:trigger"]),
        organization(f::SCOPELESS_KEY, "no scope", &[]),
        Key { expires_at: Some(LONG_GONE), ..organization(f::EXPIRED_KEY, "expired", &DASHBOARD_SCOPES) },
        Key { revoked: true, ..organization(f::REVOKED_KEY, "revoked", &DASHBOARD_SCOPES) },
        Key {
            organization: f::OTHER_ORGANIZATION.to_owned(),
            ..organization(f::OTHER_ORG_KEY, "other organization", &ALL_SCOPES)
        },
        Key { kind: KeyKind::Admin, ..organization(f::ADMIN_KEY, "staff", &ALL_SCOPES) },
        Key {
            kind: KeyKind::Personal,
            organization: String::new(),
            ..organization(f::PERSONAL_KEY, "personal", &["organizations:create"])
        },
    ]
}
