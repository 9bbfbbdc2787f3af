//! The line chart of the score over several reports, and the keys that drift again.

use serde::Serialize;

use super::numbers::{exact_percent, grouped, time};
use crate::output::trend::{AgainRow, Trend};

/// The maximum number of points. Of more reports, some in between are left out.
const POINTS: usize = 60;

/// The maximum number of keys that drift again.
const KEYS: usize = 10;

/// The size of the drawing, in its own units.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 100.0;

/// A chart, ready to be drawn.
#[derive(Debug, Serialize)]
pub(super) struct LineView {
    points: Vec<PointView>,
    /// The corners of the line, as SVG has them.
    path: String,
    again: Vec<AgainView>,
    /// The number of further keys that drift again.
    more: usize,
}

#[derive(Debug, Serialize)]
struct PointView {
    x: String,
    y: String,
    time: String,
    score: String,
    drifted: String,
    files: String,
}

#[derive(Debug, Serialize)]
struct AgainView {
    name: String,
    files: String,
    /// The length of its bar in percent of the longest bar.
    width: f64,
}

impl LineView {
    /// Draws a trend; `None` without two reports that have a score.
    pub(super) fn new(trend: &Trend) -> Option<Self> {
        let known: Vec<_> = trend.points.iter().filter(|point| point.score.is_some()).collect();
        let last = known.len().checked_sub(1).filter(|last| *last > 0)?;
        let step = last.div_ceil(POINTS - 1);
        let shown = known.iter().enumerate().filter(|(index, _)| (last - index) % step == 0);
        let seconds = |index: usize| known[index].at.map(jiff::Timestamp::as_second);
        let times = seconds(0).zip(seconds(last)).filter(|(first, last)| first < last);
        let points: Vec<_> = shown
            .map(|(index, point)| {
                // Without times, the points are equally far apart.
                let part = match (times, seconds(index)) {
                    (Some((first, end)), Some(at)) => (at - first) as f64 / (end - first) as f64,
                    _ => index as f64 / last as f64,
                };
                PointView {
                    x: format!("{:.1}", part * WIDTH),
                    y: format!("{:.1}", HEIGHT - point.score.unwrap_or_default()),
                    time: point.time.as_deref().map_or_else(|| "unknown time".to_owned(), time),
                    score: point.percent(),
                    drifted: grouped(point.drifted as u64),
                    files: grouped(point.files as u64),
                }
            })
            .collect();
        let corners: Vec<_> =
            points.iter().map(|point| format!("{},{}", point.x, point.y)).collect();
        let longest = trend.again.first().map_or(0, |row| row.files as u64);
        let again =
            trend.again.iter().take(KEYS).map(|AgainRow { section, key, files, .. }| {
                let width = exact_percent(*files as u64, longest);
                AgainView { name: format!("{section}.{key}"), files: grouped(*files as u64), width }
            });
        Some(Self {
            path: corners.join(" "),
            points,
            again: again.collect(),
            more: trend.again.len().saturating_sub(KEYS),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::trend::TrendPoint;
    use msipctl_core::fleet::Tally;

    #[test]
    fn long_trend_keeps_the_newest_report_and_few_points() {
        let mut tally = Tally::default();
        let row = r#"{"path": "a", "state": "in_sync", "keys": 4, "drift": [], "unverified": 0}"#;
        let row = msipctl_core::audit_report::read_row(row.as_bytes()).unwrap();
        tally.add("a", &row);
        let point =
            |second: i64| TrendPoint::new(jiff::Timestamp::from_second(second).ok(), &tally);
        let points: Vec<_> = (0..1000).map(point).collect();
        let line = LineView::new(&Trend { points, again: Vec::new() }).unwrap();
        assert!((30..=POINTS).contains(&line.points.len()), "{}", line.points.len());
        let newest = line.points.last().unwrap();
        assert_eq!((&*newest.x, &*newest.y, &*newest.score), ("600.0", "0.0", "100%"));
        assert!(LineView::new(&Trend { points: vec![point(1)], again: Vec::new() }).is_none());
    }
}
