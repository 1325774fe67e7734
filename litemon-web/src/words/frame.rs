//! Words of what stands around every page.

super::area::words! {
    /// See [`Words`](super::Words).
    FrameWords "frame" {
        pages,
        language,
        jobs,
        reports,
        admin,
        account,
    }
}
