//! The printed report.

use crate::load::Measured;

/// Prints measurements as they are made, and records whether a bar was missed.
#[derive(Default)]
pub struct Report {
    missed: bool,
}

impl Report {
    /// Prints the heading of the next lines.
    #[expect(clippy::unused_self, reason = "reads like its siblings")]
    pub fn heading(&self, text: &str) {
        println!("\n{text}");
    }

    /// Prints a value without a bar.
    #[expect(clippy::unused_self, reason = "reads like its siblings")]
    pub fn line(&self, what: &str, value: &str) {
        println!("{what:<44} {value}");
    }

    /// Prints a value with this number of decimals, which must not exceed the bar. The bar is printed as it is.
    pub fn at_most(&mut self, what: &str, value: f64, bar: f64, decimals: usize) {
        let verdict = self.verdict(value <= bar);
        self.line(
            what,
            &format!("{value:.decimals$} (bar: at most {bar}): {verdict}"),
        );
    }

    /// Prints a share, which must not be below the bar.
    pub fn at_least(&mut self, what: &str, value: f64, bar: f64) {
        let verdict = self.verdict(value >= bar);
        self.line(
            what,
            &format!("{value:.2} (bar: at least {bar:.1}): {verdict}"),
        );
    }

    /// Prints a speed beside another one.
    pub fn ratio(&mut self, what: &str, ours: &Measured, theirs: &Measured, bar: Option<f64>) {
        let shown =
            |run: &Measured| format!("{:>7.0} ({:.2} ms, {:.2} ms)", run.speed, run.p50, run.p99);
        let ratio = ours.speed / theirs.speed;
        let verdict = match bar {
            Some(bar) => format!(" (bar: {bar:.1}): {}", self.verdict(ratio >= bar)),
            None => String::new(),
        };
        self.line(
            what,
            &format!(
                "{}  {}  ratio {ratio:.2}{verdict}",
                shown(ours),
                shown(theirs)
            ),
        );
    }

    /// Prints values at growing sizes, each beside the first.
    pub fn scales(&mut self, what: &str, values: &[f64], bar: Option<f64>) {
        let shown: Vec<String> = values.iter().map(|value| format!("{value:>9.2}")).collect();
        let first = values.first().copied().unwrap_or(f64::NAN);
        let ratios: Vec<f64> = values.iter().skip(1).map(|value| value / first).collect();
        let told: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
        let verdict = match bar {
            Some(bar) => {
                let held = ratios.iter().all(|ratio| *ratio <= bar);
                format!(" (bar: at most {bar:.0}): {}", self.verdict(held))
            }
            None => String::new(),
        };
        let line = format!("{}  {}{verdict}", shown.join(" "), told.join(", "));
        self.line(what, &line);
    }

    /// Whether no bar was missed.
    pub fn all_held(&self) -> bool {
        !self.missed
    }

    fn verdict(&mut self, held: bool) -> &'static str {
        self.missed |= !held;
        if held { "pass" } else { "MISS" }
    }
}
