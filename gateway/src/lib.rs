//! Speaks: REST and WebSocket to the outside.
