//! Units of a duration.

super::area::words! {
    /// See [`Words`](super::Words).
    UnitWords "units" {
        second,
        minute,
        hour,
        day,
    }
}
