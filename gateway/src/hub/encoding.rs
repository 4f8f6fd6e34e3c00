//! How messages become bytes.

use super::outbox::Frames;
use super::update::Update;
use super::{binary, json};
use crate::translate::Markets;
use crate::ws::frame;

/// An encoding that a subscription chooses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) enum Encoding {
    /// Text frames.
    #[default]
    Json,
    /// Binary frames of a fixed layout.
    Binary,
}

impl Encoding {
    /// Every encoding, in the order of [`Encoding::index`].
    pub(super) const ALL: [Encoding; 2] = [Encoding::Json, Encoding::Binary];

    /// Its place in a table.
    pub(super) const fn index(self) -> usize {
        match self {
            Encoding::Json => 0,
            Encoding::Binary => 1,
        }
    }
}

/// The frames of some updates.
pub(super) fn frames<'a>(
    encoding: Encoding,
    markets: &impl Markets,
    updates: impl IntoIterator<Item = &'a Update>,
) -> Frames {
    let (mut bytes, mut count) = (Vec::new(), 0);
    for update in updates {
        match encoding {
            Encoding::Json => {
                let Some(text) = json::update(markets, update) else { continue };
                frame::write_text(&mut bytes, text.as_bytes());
            }
            Encoding::Binary => {
                let Some(message) = binary::update(markets, update) else { continue };
                frame::write_binary(&mut bytes, &message);
            }
        }
        count += 1;
    }
    Frames { bytes: bytes.into(), count }
}

/// One text frame.
pub(crate) fn text(text: &str) -> Frames {
    let mut bytes = Vec::with_capacity(text.len() + frame::HEADER_MAX);
    frame::write_text(&mut bytes, text.as_bytes());
    Frames { bytes: bytes.into(), count: 1 }
}
