//! Charts: out of memory where it reaches back far enough, else out of the database as well.

use papertape_engine::InstrumentId;
use papertape_platform::{Candle, Chart, Interval, Span};

use crate::app::App;
use crate::errors::Failure;

/// The bars of a span up to `now_ns`, oldest first. Bars without a trade are flat at the close before.
pub(crate) async fn bars(app: &App, id: InstrumentId, span: &Span, now_ns: u64) -> Result<Vec<Candle>, Failure> {
    let chart = app.views.read().chart(id, span, now_ns);
    match chart {
        Chart::Whole(bars) => Ok(bars),
        Chart::Begun(begun) => app.platform.history().chart(id, begun).await.map_err(Failure::internal),
    }
}

/// Start of the newest bar before a second, if there is one.
pub(crate) async fn bar_before(
    app: &App,
    id: InstrumentId,
    (interval, second): (Interval, u64),
    now_ns: u64,
) -> Result<Option<u64>, Failure> {
    let found = app.views.read().bar_before(id, interval, second, now_ns);
    match found {
        Some((start_s, false)) => {
            let end_s = interval.next(start_s);
            let is_there = app.platform.history().has_bar_before(id, end_s).await.map_err(Failure::internal)?;
            Ok(is_there.then_some(start_s))
        }
        Some((start_s, true)) => Ok(Some(start_s)),
        None => Ok(None),
    }
}
