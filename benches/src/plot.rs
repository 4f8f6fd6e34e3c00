//! A plot as SVG: one row a contender, its median as a dot and its range as a line, on a logarithmic axis.

use std::fmt::Write;

use crate::spread::{Spread, digits};

/// One row.
pub struct PlotRow {
    /// Who.
    pub name: String,
    /// What was measured.
    pub spread: Spread,
    /// Drawn in colour.
    pub ours: bool,
}

/// One group of rows under a heading.
pub struct Panel {
    /// The heading.
    pub title: String,
    /// From top to bottom.
    pub rows: Vec<PlotRow>,
}

const WIDTH: f64 = 860.0;
const LEFT: f64 = 250.0;
const RIGHT: f64 = 90.0;
const ROW: f64 = 26.0;
const HEAD: f64 = 40.0;
const FOOT: f64 = 62.0;

/// Draws the panels below each other on one axis. `axis` names what is measured, and its unit.
pub fn svg(title: &str, axis: &str, panels: &[Panel]) -> String {
    let spreads = || panels.iter().flat_map(|panel| &panel.rows).map(|row| row.spread);
    let low = spreads().map(|spread| spread.min).fold(f64::INFINITY, f64::min).log10().floor();
    let high = spreads().map(|spread| spread.max).fold(0.0, f64::max).log10().ceil();
    let x = |value: f64| LEFT + (WIDTH - LEFT - RIGHT) * (value.log10() - low) / (high - low).max(1.0);
    let rows: f64 = panels.iter().map(|panel| HEAD + ROW * panel.rows.len() as f64).sum();
    let (top, bottom) = (44.0, 44.0 + rows);
    let height = bottom + FOOT;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1f2933\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    text(&mut out, (16.0, 28.0), "font-size=\"16\" font-weight=\"600\"", title);
    for power in low as i32..=high as i32 {
        for step in (1..10).filter(|step| *step == 1 || power < high as i32) {
            let (at, major) = (x(f64::from(step) * 10_f64.powi(power)), step == 1);
            let colour = if major { "#c3ccd5" } else { "#eef1f4" };
            line(&mut out, (at, top + 8.0), (at, bottom + 6.0), colour, 1.0);
            if major {
                let label = digits_plain(10_f64.powi(power));
                text(&mut out, (at, bottom + 24.0), "text-anchor=\"middle\" fill=\"#52606d\"", &label);
            }
        }
    }
    let middle = LEFT + (WIDTH - LEFT - RIGHT) / 2.0;
    text(&mut out, (middle, bottom + 46.0), "text-anchor=\"middle\" fill=\"#52606d\"", axis);
    let mut y = top;
    for panel in panels {
        text(&mut out, (16.0, y + HEAD - 14.0), "font-weight=\"600\"", &panel.title);
        y += HEAD;
        for row in &panel.rows {
            plot_row(&mut out, row, y, &x);
            y += ROW;
        }
    }
    out.push_str("</svg>\n");
    out
}

fn plot_row(out: &mut String, row: &PlotRow, y: f64, x: &impl Fn(f64) -> f64) {
    let (colour, y) = (if row.ours { "#0b7285" } else { "#868e96" }, y + 4.0);
    text(out, (LEFT - 14.0, y + 4.5), "text-anchor=\"end\"", &row.name);
    line(out, (x(row.spread.min), y), (x(row.spread.max), y), colour, 2.5);
    let at = x(row.spread.median);
    let _ = writeln!(out, "<circle cx=\"{at:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{colour}\"/>");
    let (style, label) = (format!("fill=\"{colour}\" font-weight=\"600\""), digits(row.spread.median));
    text(out, (x(row.spread.max).max(at) + 12.0, y + 4.5), &style, &label);
}

fn digits_plain(value: f64) -> String {
    if value >= 1.0 { format!("{value:.0}") } else { format!("{value}") }
}

fn text(out: &mut String, (x, y): (f64, f64), style: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" {style}>{text}</text>");
}

fn line(out: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64), colour: &str, width: f64) {
    let _ = writeln!(
        out,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\" \
         stroke-width=\"{width}\"/>"
    );
}
