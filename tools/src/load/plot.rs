//! Latencies by percentile: HdrHistogram's text, and a picture.

use std::fmt::Write;

use hdrhistogram::Histogram;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 78.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 64.0;

/// Percentiles at which there are lines: half, nine tenths, and so on.
const MARKS: [(f64, &str); 6] =
    [(0.0, "0 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %"), (0.99999, "99.999 %")];

const COLOURS: [&str; 6] = ["#0b7285", "#868e96", "#e67700", "#5f3dc4", "#2b8a3e", "#c92a2a"];

/// The percentile distribution in microseconds, as HdrHistogram's plotter reads it.
pub(super) fn percentiles(histogram: &Histogram<u64>) -> String {
    let mut text = String::from("       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
    let us = |nanoseconds: f64| nanoseconds / 1_000.0;
    for value in histogram.iter_quantiles(5) {
        let (at, share) = (us(value.value_iterated_to() as f64), value.quantile_iterated_to());
        let count = value.count_at_value() + histogram_below(histogram, value.value_iterated_to());
        let beyond = if share < 1.0 { format!("{:.2}", 1.0 / (1.0 - share)) } else { "inf".to_owned() };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{at:12.3} {share:14.12} {count:10} {beyond:>14}");
    }
    let (mean, deviation) = (us(histogram.mean()), us(histogram.stdev()));
    let (max, total) = (us(histogram.max() as f64), histogram.len());
    let _ = writeln!(text, "#[Mean    = {mean:12.3}, StdDeviation   = {deviation:12.3}]");
    let _ = writeln!(text, "#[Max     = {max:12.3}, Total count    = {total:12}]");
    text
}

/// How many lie below a value.
fn histogram_below(histogram: &Histogram<u64>, value: u64) -> u64 {
    let within = histogram.count_between(0, value);
    within.saturating_sub(histogram.count_at(value))
}

/// All of them in one picture, both axes logarithmic: the further to the right, the rarer.
pub(super) fn svg(title: &str, all: &[(String, &Histogram<u64>)]) -> String {
    let all: Vec<_> = all.iter().filter(|(_, histogram)| !histogram.is_empty()).collect();
    let values = |of: fn(&Histogram<u64>) -> u64| all.iter().map(move |(_, histogram)| of(histogram) as f64);
    let low = values(Histogram::min).fold(f64::INFINITY, f64::min).max(1.0).log10().floor();
    let high = values(Histogram::max).fold(10.0, f64::max).log10().ceil().max(low + 1.0);
    let x = |share: f64| {
        let rare = (1.0 / (1.0 - share.min(0.999_999))).log10();
        LEFT + (WIDTH - LEFT - RIGHT) * (rare / 5.0).min(1.0)
    };
    let y = |nanoseconds: f64| {
        let at = (nanoseconds.max(1.0).log10() - low) / (high - low);
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * at
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1f2933\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    text(&mut out, (16.0, 28.0), "font-size=\"16\" font-weight=\"600\"", title);
    axes(&mut out, (low, high), &x, &y);
    for (index, (name, histogram)) in all.iter().enumerate() {
        let colour = COLOURS.get(index % COLOURS.len()).copied().unwrap_or("#000000");
        let points: Vec<_> = histogram
            .iter_quantiles(8)
            .map(|value| format!("{:.1},{:.1}", x(value.quantile()), y(value.value_iterated_to() as f64)))
            .collect();
        let width = if index < 2 { 2.5 } else { 1.3 };
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>",
            points.join(" ")
        );
        let at = (WIDTH - RIGHT + 14.0, TOP + 18.0 + 20.0 * index as f64);
        text(&mut out, at, &format!("fill=\"{colour}\" font-weight=\"600\""), name);
    }
    out.push_str("</svg>\n");
    out
}

fn axes(out: &mut String, (low, high): (f64, f64), x: &impl Fn(f64) -> f64, y: &impl Fn(f64) -> f64) {
    for power in low as i32..=high as i32 {
        let at = y(10_f64.powi(power));
        line(out, (LEFT, at), (WIDTH - RIGHT, at));
        text(out, (LEFT - 8.0, at + 4.5), "text-anchor=\"end\" fill=\"#52606d\"", &time(power));
    }
    for (share, label) in MARKS {
        line(out, (x(share), TOP), (x(share), HEIGHT - BOTTOM));
        text(out, (x(share), HEIGHT - BOTTOM + 22.0), "text-anchor=\"middle\" fill=\"#52606d\"", label);
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    text(
        out,
        (middle, HEIGHT - 16.0),
        "text-anchor=\"middle\" fill=\"#52606d\"",
        "share of all, from the scheduled moment",
    );
}

/// A power of ten nanoseconds in words.
fn time(power: i32) -> String {
    match power {
        ..3 => format!("{} ns", 10_f64.powi(power)),
        3..6 => format!("{} us", 10_f64.powi(power - 3)),
        6..9 => format!("{} ms", 10_f64.powi(power - 6)),
        _ => format!("{} s", 10_f64.powi(power - 9)),
    }
}

fn text(out: &mut String, (x, y): (f64, f64), style: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" {style}>{text}</text>");
}

fn line(out: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let _ = writeln!(
        out,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#d9e2ec\" stroke-width=\"1\"/>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_grow_and_end_with_all() {
        let mut histogram = Histogram::new_with_bounds(1, 1_000_000_000, 3).unwrap_or_else(|error| panic!("{error:?}"));
        (1..=1_000_u64).for_each(|us| histogram.saturating_record(us * 1_000));
        let text = percentiles(&histogram);
        let rows: Vec<Vec<&str>> = text
            .lines()
            .skip(2)
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_whitespace().collect())
            .collect();
        let counts: Vec<u64> = rows.iter().filter_map(|row| row.get(2)?.parse().ok()).collect();
        assert!(counts.is_sorted() && counts.last() == Some(&1_000) && rows.len() > 20, "{text}");
        assert_eq!(rows.last().map(|row| row[3]), Some("inf"));
        assert!(text.contains("Total count    =         1000"), "{text}");
        let drawn = svg("a < b", &[("tcp".to_owned(), &histogram)]);
        assert!(drawn.contains("a &lt; b") && drawn.contains("<polyline points=\"78."), "{drawn}");
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
    }
}
