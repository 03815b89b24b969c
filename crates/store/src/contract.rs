//! What every `Store` must do, told as stories. Each takes an empty store; a back end runs them all.

mod accounts;
mod audit;
mod earlier;
mod environments;
mod fixtures;
mod grants;
mod leases;
mod links;
mod lists;
mod log_ins;
mod reruns;
mod retention;
mod runs;
mod sessions;
mod tokens;
mod workflows;

use std::sync::Arc;

use engine::Store;

pub use accounts::*;
pub use audit::*;
pub use earlier::*;
pub use environments::*;
pub use fixtures::*;
pub use grants::*;
pub use leases::*;
pub use links::*;
pub use lists::*;
pub use log_ins::*;
pub use reruns::*;
pub use retention::*;
pub use runs::*;
pub use sessions::*;
pub use tokens::*;
pub use workflows::*;

/// A store that several tasks use at the same time.
pub type Shared = Arc<dyn Store>;

/// Makes one test of each story: `contract!(open)`, where `open()` gives an empty store and a guard
/// that keeps it alive.
macro_rules! contract {
    ($open:path; $($story:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                let (store, _guard) = $open().await;
                $crate::contract::$story(store).await;
            }
        )+
    };
    ($open:path) => {
        contract!($open;
            parallel_creates_with_one_key_make_one_run,
            a_key_belongs_to_person_environment_and_workflow,
            a_run_is_read_back_as_it_was_created,
            a_life_from_submitting_to_success,
            a_stale_epoch_or_a_wrong_status_writes_nothing,
            an_unknown_run_is_stale,
            a_new_attempt_raises_the_epoch,
            event_numbers_have_no_gaps_under_parallel_transitions,
            of_parallel_identical_transitions_one_wins,
            a_final_status_stays,
            an_execution_belongs_to_one_run_of_its_environment,
            a_result_is_stored_byte_for_byte,
            a_result_is_stored_once,
            a_nul_in_a_text_stops_nothing,
            of_runs_that_get_one_execution_at_once_one_has_it,
            an_error_can_be_set_kept_and_cleared,
            the_first_holder_is_who_created_it,
            a_holder_that_was_replaced_writes_nothing,
            whoever_moves_a_run_on_may_take_it,
            finished_runs_are_not_claimed,
            of_parallel_claims_each_run_goes_to_one,
            pages_are_complete_and_without_doubles_under_inserts,
            filters_narrow,
            the_longest_page_is_bounded,
            recent_runs_are_the_newest_of_one_workflow,
            a_run_in_doubt_is_replaced_once,
            a_run_that_is_not_in_doubt_is_not_replaced,
            an_execution_is_known_in_its_environment,
            what_is_old_is_removed_and_the_run_stays,
            events_of_a_run_that_may_go_on_are_kept,
            runs_under_way_are_counted_per_scope,
            durations_are_those_of_runs_that_ended_newest_first,
            of_many_first_people_one_wins,
            emails_are_unique_without_case,
            an_account_changes_and_ends_what_it_opened,
            the_last_administrator_stays_however_many_go_at_once,
            a_service_account_has_no_email_and_owns_tokens,
            every_change_of_rights_is_counted,
            a_session_is_found_also_when_it_has_expired,
            expired_sessions_are_pruned,
            the_last_use_of_a_session_is_kept,
            who_logs_in_while_the_account_changes_is_out,
            an_api_token_names_its_person,
            a_token_is_revoked_once_and_its_last_use_is_kept,
            failed_log_ins_are_counted_per_key,
            old_failures_are_forgotten,
            a_browser_is_known_to_whom_it_belongs,
            an_invitation_makes_one_account_however_many_accept_it,
            an_invitation_ends_by_time_by_a_newer_one_and_when_it_is_withdrawn,
            a_password_link_takes_the_old_password_away_and_works_once,
            two_administrators_cannot_take_each_others_password_away,
            a_setting_is_read_as_it_was_set_last,
            workflows_are_added_replaced_and_removed,
            what_codika_offers_is_kept_for_its_instance,
            an_environment_is_read_back_as_it_was_added,
            an_environment_is_changed_from_what_was_seen,
            a_removed_environment_leaves_nothing_for_the_next_of_its_name,
            grants_reach_a_person_directly_and_through_groups,
            everything_can_be_granted_and_nothing_to_nobody,
            a_group_goes_with_its_grants,
            whether_runs_are_shared_is_kept_for_each_workflow,
            every_change_of_grants_raises_the_version_of_rights,
            entries_are_read_newest_first_and_every_filter_narrows,
            a_ping_answers,
        );
    };
}
pub(crate) use contract;
