//! Makes the words of an area, and of all areas.

/// The words of one area, as a struct that is filled from `text/LANGUAGE/AREA.ftl`.
///
/// Plain words are fields; those `with` arguments are methods that take them in this order, as
/// numbers or text, and give a `String`. The key of the word `none` in the area `list` is `list-none`.
macro_rules! words {
    (
        $(#[$meta:meta])*
        $name:ident $area:literal { $($word:ident),* $(,)? }
        $(with { $($message:ident($($arg:ident),+)),+ $(,)? })?
    ) => {
        $(#[$meta])*
        pub(crate) struct $name {
            $(pub(crate) $word: &'static str,)*
            #[allow(dead_code, reason = "an area may have no message with arguments")]
            text: &'static $crate::words::text::Text,
        }

        impl $name {
            /// Every key with the names of its arguments.
            #[cfg(test)]
            pub(super) const KEYS: &[(&str, &[&str])] = &[
                $((concat!($area, "-", stringify!($word)), &[]),)*
                $($((concat!($area, "-", stringify!($message)), &[$(stringify!($arg)),+]),)+)?
            ];

            pub(super) fn of(text: &'static $crate::words::text::Text) -> Self {
                Self { $($word: text.word(concat!($area, "-", stringify!($word))),)* text }
            }

            $($(
                pub(crate) fn $message<'a>(
                    &self,
                    $($arg: impl Into<fluent_bundle::FluentValue<'a>>),+
                ) -> String {
                    let mut args = fluent_bundle::FluentArgs::new();
                    $(args.set(stringify!($arg), $arg);)+
                    self.text.say(concat!($area, "-", stringify!($message)), Some(&args))
                }
            )+)?
        }
    };
}

/// The words of one language: one line for each area, whose file stands in the folder of each language.
macro_rules! areas {
    ($($area:ident: $name:path),* $(,)?) => {
        /// The words of one language.
        pub(crate) struct Words {
            /// Its code (BCP 47).
            pub(crate) code: &'static str,
            $(pub(crate) $area: $name,)*
        }

        impl Words {
            fn new(code: &'static str, text: &'static Text) -> Self {
                Self { code, $($area: <$name>::of(text),)* }
            }
        }

        const ENGLISH_FILES: &[&str] =
            &[$(include_str!(concat!("../../text/en/", stringify!($area), ".ftl"))),*];
        const INDONESIAN_FILES: &[&str] =
            &[$(include_str!(concat!("../../text/id/", stringify!($area), ".ftl"))),*];

        /// Name, English file, Indonesian file, and the keys that the code names.
        #[cfg(test)]
        const AREAS: &[(&str, &str, &str, &[(&str, &[&str])])] = &[$((
            stringify!($area),
            include_str!(concat!("../../text/en/", stringify!($area), ".ftl")),
            include_str!(concat!("../../text/id/", stringify!($area), ".ftl")),
            <$name>::KEYS,
        )),*];
    };
}

pub(crate) use areas;
pub(crate) use words;
