//! Words of what stands around every page.

/// See [`Words`](super::Words).
pub(crate) struct FrameWords {
    pub(crate) pages: &'static str,
    pub(crate) language: &'static str,
}

pub(super) const ENGLISH: FrameWords = FrameWords { pages: "Pages", language: "Language" };

pub(super) const INDONESIAN: FrameWords = FrameWords { pages: "Halaman", language: "Bahasa" };
