//! The messages of one language, read from its Fluent files.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

/// The Fluent files of one language, read.
pub(crate) struct Text {
    bundle: FluentBundle<FluentResource>,
    /// What answers for a message that this language does not have.
    fallback: Option<&'static Self>,
}

impl Text {
    /// Reads `files`. A message that cannot be read is left out, so that a page is never missing for
    /// a word: the tests of this module see that there is none.
    pub(super) fn read(code: &str, files: &[&str], fallback: Option<&'static Self>) -> Self {
        let language: LanguageIdentifier = code.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The marks would be seen in titles, attributes and plain text, and both languages are
        // written from left to right.
        bundle.set_use_isolating(false);
        for file in files {
            let resource = FluentResource::try_new((*file).to_owned());
            bundle.add_resource_overriding(resource.unwrap_or_else(|(readable, _)| readable));
        }
        Self { bundle, fallback }
    }

    /// One message with its arguments filled in: in this language, else in English, else its key.
    pub(crate) fn say(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        self.own(key, args)
            .or_else(|| self.fallback.and_then(|other| other.own(key, args)))
            .unwrap_or_else(|| key.to_owned())
    }

    /// A message without arguments, for the life of the process. Each call leaks, so it is only
    /// called while the words of a language are made, once.
    pub(super) fn word(&self, key: &str) -> &'static str {
        Box::leak(self.say(key, None).into_boxed_str())
    }

    fn own(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }
}
