//! The ids and keys of a fresh emulator. They never change, so documents and tests may quote them.

/// The process instance of the dev environment.
pub const DEV_INSTANCE: &str = "019a0000-0000-7000-8000-00000000d001";
/// The process instance of the prod environment.
pub const PROD_INSTANCE: &str = "019a0000-0000-7000-8000-00000000a001";
/// An instance its user paused.
pub const PAUSED_INSTANCE: &str = "019a0000-0000-7000-8000-00000000c001";
/// An archived instance.
pub const ARCHIVED_INSTANCE: &str = "019a0000-0000-7000-8000-00000000c002";
/// An instance whose deployment failed.
pub const FAILED_INSTANCE: &str = "019a0000-0000-7000-8000-00000000c003";
/// An instance of another organization.
pub const OTHER_INSTANCE: &str = "019a0000-0000-7000-8000-00000000f001";

/// The demo organization.
pub const ORGANIZATION: &str = "oDemoAcme0000000000A";
/// The other organization, whose things nobody of the first one may see.
pub const OTHER_ORGANIZATION: &str = "oDemoOther000000000B";
/// The process both environments were installed from.
pub const PROCESS: &str = "pDemoWorkbench00000A";
/// The project the process belongs to.
pub const PROJECT: &str = "jDemoWorkbench00000A";
/// The user on whose behalf runs happen.
pub const USER: &str = "uDemoAuthor00000000A";

/// The signing secret stored for `text-summary` of the dev instance.
pub const SIGNING_SECRET: &str = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
/// What the dev instance's members present when a workflow registers its own executions.
pub const MEMBER_SECRET: &str = "demo-member-secret";

/// The instance key of the dev environment.
pub const DEV_INSTANCE_KEY: &str = "ck_DEMO_dev_instance_key_for_the_local_emulator_only_00000000000000";
/// The instance key of the prod environment.
pub const PROD_INSTANCE_KEY: &str = "ck_DEMO_prod_instance_key_for_the_local_emulator_only_0000000000000";
/// The organization key shown for the dev environment.
pub const DEV_ORG_KEY: &str = "cko_DEMO_dev_organization_key_for_the_local_emulator_only_0000000000";
/// The organization key shown for the prod environment.
pub const PROD_ORG_KEY: &str = "cko_DEMO_prod_organization_key_for_the_local_emulator_only_000000000";
/// An organization key with every scope.
pub const MANAGER_KEY: &str = "cko_DEMO_manager_key_with_every_scope_for_the_local_emulator_0000000";
/// An organization key of a member with whom only the dev instance is shared.
pub const MEMBER_KEY: &str = "cko_DEMO_member_key_that_sees_only_dev_for_the_local_emulator_000000";
/// An organization key that may only trigger and poll.
pub const NARROW_KEY: &str = "cko_DEMO_narrow_key_that_may_only_trigger_local_emulator_00000000000";
/// An organization key without any scope.
pub const SCOPELESS_KEY: &str = "cko_DEMO_scopeless_key_that_may_do_nothing_local_emulator_0000000000";
/// An organization key that expired in June 2025.
pub const EXPIRED_KEY: &str = "cko_DEMO_expired_key_for_the_local_emulator_only_0000000000000000000";
/// An organization key that was revoked.
pub const REVOKED_KEY: &str = "cko_DEMO_revoked_key_for_the_local_emulator_only_0000000000000000000";
/// An organization key of another organization.
pub const OTHER_ORG_KEY: &str = "cko_DEMO_other_organization_key_for_the_local_emulator_only_00000000";
/// The instance key of the other organization's instance.
pub const OTHER_INSTANCE_KEY: &str = "ck_DEMO_other_instance_key_for_the_local_emulator_only_000000000000";
/// An admin key of the platform's staff.
pub const ADMIN_KEY: &str = "cka_DEMO_admin_key_for_the_local_emulator_only_000000000000000000000";
/// A personal key: a user, no organization.
pub const PERSONAL_KEY: &str = "ckp_DEMO_personal_key_for_the_local_emulator_only_000000000000000000";
/// The instance key of the paused instance.
pub const PAUSED_INSTANCE_KEY: &str = "ck_DEMO_paused_instance_key_for_the_local_emulator_only_00000000000";
/// The instance key of the archived instance.
pub const ARCHIVED_INSTANCE_KEY: &str = "ck_DEMO_archived_instance_key_for_the_local_emulator_only_000000000";
/// The instance key of the instance whose deployment failed.
pub const FAILED_INSTANCE_KEY: &str = "ck_DEMO_failed_instance_key_for_the_local_emulator_only_00000000000";
