//! A bounded slice: what the learning schedule promises beside asking every three seconds.

use std::time::Duration;

use crate::simulation::{Asker, Outcome, Workload, simulate};
use engine::schedule::{Schedule, Took};

const SEED: u64 = 7;

fn beside(workload: Workload) -> (Outcome, Outcome) {
    let of = |asker: &Asker| simulate(workload, asker, 220, 60, SEED);
    (of(&Asker::Every(3.0)), of(&Asker::Learning(20)))
}

#[test]
fn steady_workflows_are_answered_within_three_tenths_of_a_second() {
    for median in [2.4, 12.0] {
        let (fixed, learned) = beside(Workload::LogNormal { median, sigma: 0.1 });
        assert!(learned.lag(50) <= 0.3, "median {median} s: {:.2} s", learned.lag(50));
        assert!(learned.lag(95) <= fixed.lag(95), "median {median} s: p95 {:.2} s", learned.lag(95));
        assert!(learned.polls <= fixed.polls, "median {median} s: {} questions, {}", learned.polls, fixed.polls);
    }
}

#[test]
fn every_shape_is_answered_sooner_with_no_more_questions() {
    for workload in [
        Workload::LogNormal { median: 12.0, sigma: 0.3 },
        Workload::LogNormal { median: 12.0, sigma: 0.6 },
        Workload::Bimodal { percent: 50.0, short: 4.0, long: 20.0 },
    ] {
        let (fixed, learned) = beside(workload);
        assert!(learned.lag(50) < 0.8 * fixed.lag(50), "{workload:?}: {:.2} s", learned.lag(50));
        assert!(learned.lag(95) <= fixed.lag(95), "{workload:?}: p95 {:.2} s", learned.lag(95));
        assert!(learned.polls <= fixed.polls, "{workload:?}: {} questions, {}", learned.polls, fixed.polls);
    }
}

#[test]
fn with_little_history_it_asks_no_more_often_than_every_three_seconds() {
    let workload = Workload::LogNormal { median: 12.0, sigma: 0.6 };
    let (fixed, learned) =
        (simulate(workload, &Asker::Every(3.0), 4, 0, SEED), simulate(workload, &Asker::Learning(1), 4, 0, SEED));
    assert!(learned.polls <= fixed.polls);
    assert!(!Schedule::learn(&[Took { measured_ms: 5_000, running_ms: 0, seen_ms: 6_000 }; 4]).is_learned());
}

#[test]
fn a_run_that_never_ends_is_not_asked_about_much_more_often_than_every_three_seconds() {
    let history: Vec<Took> =
        (0..100).map(|n| Took { measured_ms: 9_000 + n * 20, running_ms: 0, seen_ms: 9_300 + n * 20 }).collect();
    let schedule = Schedule::learn(&history);
    assert!(schedule.is_learned());
    let (mut age, mut questions) = (Duration::ZERO, 0u32);
    while age < Duration::from_secs(300) {
        let next = schedule.next(age, 0.99);
        assert!(next > age, "{age:?}");
        (age, questions) = (next, questions + 1);
        assert!(f64::from(questions) <= 2.0 * (age.as_secs_f64() / 3.0 + 1.0) + 6.0, "{questions} until {age:?}");
    }
}

#[test]
fn odd_histories_make_no_odd_schedules() {
    let cases: [Vec<Took>; 5] = [
        vec![Took { measured_ms: 0, running_ms: 0, seen_ms: 1 }; 50],
        vec![Took { measured_ms: 1_000, running_ms: i64::MAX / 2, seen_ms: 5 }; 50],
        vec![Took { measured_ms: i64::MAX / 2, running_ms: 0, seen_ms: i64::MAX / 2 }; 50],
        vec![Took { measured_ms: -5, running_ms: 0, seen_ms: -9 }; 50],
        (0..50)
            .map(|n| Took { measured_ms: if n % 2 == 0 { 1 } else { 86_400_000 }, running_ms: 0, seen_ms: 90_000_000 })
            .collect(),
    ];
    for history in cases {
        let schedule = Schedule::learn(&history);
        let mut age = Duration::ZERO;
        for _ in 0..100 {
            let next = schedule.next(age, 0.5);
            assert!(next > age && next < age + Duration::from_secs(400_000), "{history:?}");
            age = next;
        }
    }
}
