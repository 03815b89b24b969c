//! The best times to ask, for a known distribution: by dynamic programming over its grid.

mod polish;

use super::{BUDGET_PAUSE, Density};

pub use polish::Reached;

/// What a schedule is to reach.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    /// Questions a run that may be spent, on average.
    pub polls: f64,
    /// Share of runs whose lag is made as small as possible: 0.5 for the median.
    pub half: f64,
    /// Share of runs whose lag stays within `bound` seconds.
    pub most: f64,
    pub bound: f64,
    /// What a second of mean lag may cost in questions.
    pub impatience: f64,
}

impl Aim {
    /// No more questions than asking at 0 s, 3 s, 6 s, …, a p95 that is not worse, and the median as small as can be.
    pub fn beside_fixed(density: &Density) -> Self {
        let aim = Self { polls: density.budget(), half: 0.95, most: 0.95, bound: BUDGET_PAUSE, impatience: 0.15 };
        let slots = (1..=(density.end() / BUDGET_PAUSE) as u32 + 1).map(|slot| f64::from(slot) * BUDGET_PAUSE);
        let fixed = Reached::of(density, &aim, &slots.collect::<Vec<_>>());
        Self { half: 0.5, bound: fixed.lag.clamp(0.1, BUDGET_PAUSE), ..aim }
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

/// Jumps along the grid that are tried one by one; longer ones grow by a factor.
const FINE: usize = 48;

/// The times of a schedule within `aim.polls` whose `aim.half` quantile of the lag is as small as can be found.
pub fn optimum(density: &Density, aim: &Aim) -> Vec<f64> {
    let mut search = Search::new(density, *aim);
    let (mut low, mut high) = (0.0, aim.bound);
    let mut best = search.cheapest(high).0;
    for _ in 0..8 {
        let lag = (low + high) / 2.0;
        let (grid, expected) = search.cheapest(lag);
        if expected.polls <= aim.polls && expected.near >= aim.half {
            (high, best) = (lag, grid);
        } else {
            low = lag;
        }
    }
    polish::polished(density, aim, best.into_iter().map(|at| density.times[at]).collect())
}

struct Search<'a> {
    density: &'a Density,
    aim: Aim,
    jumps: Vec<usize>,
    /// For each time of the grid: where to ask next, and what is still to be paid from there on.
    next: Vec<usize>,
    cost: Vec<f64>,
    /// The first time of the grid within the bound before each time.
    bounded: Vec<usize>,
    /// What a run within the bound, and one within the lag, is worth in questions; found on the way.
    worth_bounded: f64,
    worth_near: f64,
}

impl<'a> Search<'a> {
    fn new(density: &'a Density, aim: Aim) -> Self {
        let cells = density.times.len();
        let mut jumps = Vec::new();
        let mut jump = 1;
        while jump < cells {
            jumps.push(jump);
            jump = if jump < FINE { jump + 1 } else { jump + jump / 12 };
        }
        let bounded = reach_back(&density.times, aim.bound);
        Self {
            density,
            aim,
            jumps,
            next: vec![0; cells],
            cost: vec![0.0; cells],
            bounded,
            worth_bounded: 1.0,
            worth_near: 4.0,
        }
    }

    /// The schedule with the fewest questions that serves `half` of the runs within `lag` and `most` within the bound.
    fn cheapest(&mut self, lag: f64) -> (Vec<usize>, Expected) {
        let near = reach_back(&self.density.times, lag);
        let mut found = self.with_half(&near);
        for _ in 0..4 {
            if found.1.bounded >= self.aim.most {
                break;
            }
            self.worth_bounded *= 3.0;
            found = self.with_half(&near);
        }
        found
    }

    /// Finds what a run within the lag must be worth for half of them to be so.
    fn with_half(&mut self, near: &[usize]) -> (Vec<usize>, Expected) {
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let mut found = None;
        self.worth_near = self.worth_near.max(2.0);
        for _ in 0..9 {
            let tried = self.pass(near, self.worth_near);
            if tried.1.near >= self.aim.half {
                (high, found) = (self.worth_near, Some(tried));
                if high < 0.1 {
                    break;
                }
            } else {
                low = self.worth_near;
            }
            self.worth_near = match (low > 0.0, high.is_finite()) {
                (true, true) => (low + high) / 2.0,
                (true, false) => low * 3.0,
                (false, _) => high / 3.0,
            };
        }
        found.unwrap_or_else(|| self.pass(near, self.worth_near))
    }

    /// Bellman's equation from the end of the grid to its start, then the way along it.
    fn pass(&mut self, near: &[usize], worth_near: f64) -> (Vec<usize>, Expected) {
        let Density { times, below, moment } = self.density;
        let last = times.len() - 1;
        self.cost[last] = 0.0;
        for from in (0..last).rev() {
            let alive = 1.0 - below[from];
            let (mut least, mut choice) = (f64::INFINITY, last);
            let jumps = self.jumps.iter().map(|jump| from + jump).take_while(|to| *to < last);
            for to in jumps.chain([last]) {
                let lag = times[to] * (below[to] - below[from]) - (moment[to] - moment[from]);
                let cost = alive
                    - worth_near * (below[to] - below[from.max(near[to])])
                    - self.worth_bounded * (below[to] - below[from.max(self.bounded[to])])
                    + self.aim.impatience * lag
                    + self.cost[to];
                if cost < least {
                    (least, choice) = (cost, to);
                }
            }
            (self.cost[from], self.next[from]) = (least, choice);
        }
        self.follow(near)
    }

    fn follow(&self, near: &[usize]) -> (Vec<usize>, Expected) {
        let Density { times, below, .. } = self.density;
        let (mut way, mut expected, mut from) = (Vec::new(), Expected::default(), 0);
        while from < times.len() - 1 {
            let to = self.next[from];
            expected.polls += 1.0 - below[from];
            expected.near += below[to] - below[from.max(near[to])];
            expected.bounded += below[to] - below[from.max(self.bounded[to])];
            way.push(to);
            from = to;
        }
        (way, expected)
    }
}

/// For each time the first one that is at most `lag` earlier.
fn reach_back(times: &[f64], lag: f64) -> Vec<usize> {
    times.iter().map(|at| times.partition_point(|earlier| *earlier < at - lag)).collect()
}
