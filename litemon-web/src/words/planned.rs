//! Words of servers that are being restarted or were shut down.

super::area::words! {
    /// See [`Words`](super::Words).
    PlannedWords "planned" {
        restarting,
        leaving,
        off,
        back,
    }
    with {
        by(state, who),
    }
}
