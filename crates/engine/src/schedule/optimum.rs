//! The best times to ask, for a known distribution: by dynamic programming over its grid.

mod lowest;
mod polish;

use std::collections::VecDeque;

use super::{BUDGET_PAUSE, Density};

use lowest::Lowest;
pub use polish::Reached;

/// What a schedule is to reach.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    /// Questions a run that may be spent, on average.
    pub polls: f64,
    /// How many times as often as the fixed schedule a run that does not end may be asked about.
    pub often: f64,
    /// Share of runs whose lag is made as small as possible: 0.5 for the median.
    pub half: f64,
    /// Share of runs whose lag stays within `bound` seconds.
    pub most: f64,
    pub bound: f64,
    /// What a second of lag beyond the bound may cost in questions.
    pub impatience: f64,
}

impl Aim {
    /// No more questions than asking at 0 s, 3 s, 6 s, …, a p95 that is not worse, and the median as small as can be.
    pub fn beside_fixed(density: &Density) -> Self {
        let aim = Self {
            polls: density.budget(),
            often: f64::INFINITY,
            half: 0.95,
            most: 0.95,
            bound: BUDGET_PAUSE,
            impatience: 0.15,
        };
        let slots = (1..=(density.end() / BUDGET_PAUSE) as u32 + 1).map(|slot| f64::from(slot) * BUDGET_PAUSE);
        let fixed = Reached::of(density, &aim, &slots.collect::<Vec<_>>());
        Self { half: 0.5, bound: fixed.lag.clamp(0.1, BUDGET_PAUSE), ..aim }
    }

    /// Whether a run that was asked about so many times may be asked about once more at `at`.
    pub(super) fn allows(&self, asked: usize, at: f64) -> bool {
        (asked as f64) < self.often * (at / BUDGET_PAUSE + 1.0) + 4.0
    }
}

/// What to expect of a schedule.
#[derive(Clone, Copy, Debug, Default)]
struct Expected {
    polls: f64,
    /// Share of runs with a lag within the wanted one.
    near: f64,
    /// Share of runs with a lag within the bound.
    bounded: f64,
}

/// Halvings of the range in which the lag is looked for.
const LAGS: usize = 8;
/// Values that are tried, for one lag, for the worth of a run within the bound, and for each of them within the lag.
const BOUNDED_WORTHS: usize = 6;
const NEAR_WORTHS: usize = 9;
/// How far, as a factor, a worth is moved that is not known yet.
const FAR: f64 = 5.0;

/// The times of a schedule within `aim.polls` whose `aim.half` quantile of the lag is as small as can be found.
pub fn optimum(density: &Density, aim: &Aim) -> Vec<f64> {
    let mut search = Search::new(density, *aim);
    let (mut low, mut high) = (aim.bound / 64.0, aim.bound);
    let mut best = search.within(high).unwrap_or_default();
    for _ in 0..LAGS {
        let lag = (low * high).sqrt();
        match search.within(lag) {
            Some(way) => (high, best) = (lag, way),
            None => low = lag,
        }
    }
    polish::polished(density, aim, best.into_iter().map(|at| density.times[at]).collect())
}

/// What a run that is served well is worth in questions, found by bisection.
struct Worth {
    value: f64,
    low: f64,
    high: f64,
}

impl Worth {
    /// Not below what a search finds its way back from.
    fn new(value: f64) -> Self {
        Self { value: value.max(1.0), low: 0.0, high: f64::INFINITY }
    }

    fn adjust(&mut self, enough: bool) {
        let Self { value, low, high } = self;
        if enough {
            *high = *value
        } else {
            *low = *value
        }
        *value = match (*low > 0.0, high.is_finite()) {
            (true, true) => (*low * *high).sqrt(),
            (true, false) => *low * FAR,
            (false, _) => *high / FAR,
        };
    }
}

struct Search<'a> {
    density: &'a Density,
    aim: Aim,
    /// For each time of the grid: where to ask next, and what is still to be paid from there on.
    next: Vec<usize>,
    cost: Vec<f64>,
    /// The first time of the grid within the wanted lag, and within the bound, before each time.
    near: Vec<usize>,
    bounded: Vec<usize>,
    /// What a run within the lag, and one within the bound, were worth in the last schedule that was found.
    worth_near: f64,
    worth_bounded: f64,
}

impl<'a> Search<'a> {
    fn new(density: &'a Density, aim: Aim) -> Self {
        let cells = density.times.len();
        Self {
            density,
            aim,
            next: vec![0; cells],
            cost: vec![0.0; cells],
            near: Vec::new(),
            bounded: reach_back(&density.times, aim.bound),
            worth_near: 4.0,
            worth_bounded: 4.0,
        }
    }

    /// A schedule within the budget that serves `half` of the runs within `lag` and `most` within the bound.
    fn within(&mut self, lag: f64) -> Option<Vec<usize>> {
        self.near = reach_back(&self.density.times, lag);
        let (mut bounded, mut start) = (Worth::new(self.worth_bounded), self.worth_near);
        for _ in 0..BOUNDED_WORTHS {
            let mut near = Worth::new(start);
            let mut enough = None;
            for _ in 0..NEAR_WORTHS {
                self.pass(lag, near.value, bounded.value);
                let (way, expected) = self.follow();
                let is_near = expected.near >= self.aim.half;
                if is_near {
                    let is_bounded = expected.bounded >= self.aim.most;
                    if is_bounded && expected.polls <= self.aim.polls {
                        (self.worth_near, self.worth_bounded) = (near.value, bounded.value);
                        return Some(way);
                    }
                    (start, enough) = (near.value, Some(is_bounded));
                }
                // Weak duality: no schedule that serves enough runs takes fewer questions than this, but for those
                // that impatience asks for.
                let least = self.cost[0] + near.value * self.aim.half + bounded.value * self.aim.most;
                if least > 1.03 * self.aim.polls {
                    return None;
                }
                near.adjust(is_near);
            }
            bounded.adjust(enough?);
        }
        None
    }

    /// Bellman's equation from the end of the grid to its start. The next question is best asked as late as the lag
    /// allows, or after a gap within the bound, or after a longer one; each kind keeps its best at hand.
    fn pass(&mut self, lag: f64, worth_near: f64, worth_bounded: f64) {
        let Density { times, below, moment } = self.density;
        let Aim { bound, impatience, .. } = self.aim;
        let worth = worth_near + worth_bounded;
        let last = times.len() - 1;
        self.cost[last] = 0.0;
        let (mut near, mut bounded) = (last, last);
        // Ascending by time and by cost.
        let mut gaps: VecDeque<(usize, f64)> = VecDeque::new();
        let mut long = Lowest::default();
        for from in (0..last).rev() {
            while times[near] > times[from] + lag {
                let cost = self.cost[near] - worth * below[near] + worth_near * below[self.near[near]];
                while gaps.back().is_some_and(|(_, other)| *other >= cost) {
                    gaps.pop_back();
                }
                gaps.push_back((near, cost));
                near -= 1;
            }
            while times[bounded] > times[from] + bound {
                gaps.pop_front_if(|(to, _)| *to == bounded);
                let (served, late) = (self.bounded[bounded], times[bounded] - bound);
                let cost = self.cost[bounded] - worth * below[bounded]
                    + worth_near * below[self.near[bounded]]
                    + worth_bounded * below[served]
                    + impatience * (late * below[served] - moment[served]);
                long.add(-impatience * late, cost, bounded);
                bounded -= 1;
            }
            let soon = (near > from).then(|| (worth * (below[from] - below[near]) + self.cost[near], near));
            let gap = gaps.front().map(|(to, cost)| (worth_bounded * below[from] + cost, *to));
            let long = long.at(below[from]).map(|(cost, to)| (cost + impatience * moment[from], to));
            let least = [soon, gap, long].into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0));
            let (cost, to) = least.unwrap_or((0.0, last));
            (self.cost[from], self.next[from]) = (1.0 - below[from] + cost, to);
        }
    }

    /// The way through the grid, without the questions that are not allowed.
    fn follow(&self) -> (Vec<usize>, Expected) {
        let Density { times, below, .. } = self.density;
        let last = times.len() - 1;
        let (mut way, mut expected, mut asked, mut at) = (Vec::new(), Expected::default(), 0, 0);
        while at < last {
            at = self.next[at];
            if at == last || self.aim.allows(way.len(), times[at]) {
                expected.polls += 1.0 - below[asked];
                expected.near += below[at] - below[asked.max(self.near[at])];
                expected.bounded += below[at] - below[asked.max(self.bounded[at])];
                way.push(at);
                asked = at;
            }
        }
        (way, expected)
    }
}

/// For each time the first one that is at most `lag` earlier.
fn reach_back(times: &[f64], lag: f64) -> Vec<usize> {
    times.iter().map(|at| times.partition_point(|earlier| *earlier < at - lag)).collect()
}
