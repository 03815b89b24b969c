//! The lowest of many lines, without looking at them all.

/// Lines that come with ever greater slopes and are asked about at ever smaller places.
#[derive(Default)]
pub struct Lowest {
    /// From the first on: those that are the lowest somewhere, by slope.
    lines: Vec<Line>,
    first: usize,
}

#[derive(Clone, Copy)]
struct Line {
    slope: f64,
    height: f64,
    name: usize,
}

impl Line {
    fn at(self, place: f64) -> f64 {
        self.height + self.slope * place
    }
}

impl Lowest {
    pub fn add(&mut self, slope: f64, height: f64, name: usize) {
        while let [.., a, b] = self.lines[self.first..]
            && (b.height - height) * (b.slope - a.slope) >= (a.height - b.height) * (slope - b.slope)
        {
            self.lines.pop();
        }
        self.lines.push(Line { slope, height, name });
    }

    /// The height of the lowest line at `place`, and its name.
    pub fn at(&mut self, place: f64) -> Option<(f64, usize)> {
        let lines = &self.lines;
        while self.first + 1 < lines.len() && lines[self.first + 1].at(place) <= lines[self.first].at(place) {
            self.first += 1;
        }
        lines.get(self.first).map(|line| (line.at(place), line.name))
    }
}
