//! Reacts: users, read models and the market simulator, as folds over events.
