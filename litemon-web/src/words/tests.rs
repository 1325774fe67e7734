use std::collections::BTreeSet;

use fluent_bundle::FluentArgs;
use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

use super::*;

/// Key and variables of each message; a file that does not parse in full fails the test.
fn messages(name: &str, file: &str) -> Vec<(String, BTreeSet<String>)> {
    let resource = parser::parse(file)
        .unwrap_or_else(|(_, errors)| panic!("{name} does not parse: {errors:?}"));
    let message = |entry| match entry {
        Entry::Message(message) => {
            let mut variables = BTreeSet::new();
            assert!(message.attributes.is_empty(), "{name}: {}: attributes", message.id.name);
            let value = message.value.unwrap_or_else(|| panic!("{name}: an empty message"));
            in_pattern(&value, &mut variables);
            Some((message.id.name.to_owned(), variables))
        }
        Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => None,
        other => panic!("{name} has something else: {other:?}"),
    };
    resource.body.into_iter().filter_map(message).collect()
}

fn in_pattern(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Inline(one) } => {
                in_inline(one, variables);
            }
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                in_inline(selector, variables);
                variants.iter().for_each(|variant| in_pattern(&variant.value, variables));
            }
            PatternElement::TextElement { .. } => {}
        }
    }
}

fn in_inline(one: &InlineExpression<&str>, variables: &mut BTreeSet<String>) {
    match one {
        InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        InlineExpression::StringLiteral { .. } => {}
        other => panic!("words are text, variables and selections only: {other:?}"),
    }
}

#[test]
fn each_file_has_exactly_the_keys_and_variables_that_the_code_names() {
    for (area, english, indonesian, keys) in AREAS {
        let named: Vec<_> = keys
            .iter()
            .map(|(key, args)| {
                ((*key).to_owned(), args.iter().map(|arg| (*arg).to_owned()).collect())
            })
            .collect();
        for (language, file) in [("en", english), ("id", indonesian)] {
            let name = format!("text/{language}/{area}.ftl");
            assert_eq!(messages(&name, file), named, "{name}, in the order of {area}.rs");
        }
    }
}

#[test]
fn no_word_is_empty_and_each_message_can_be_said_in_both_languages() {
    for language in [Language::English, Language::Indonesian] {
        for (key, args) in AREAS.iter().flat_map(|(.., keys)| keys.iter()) {
            for value in [0, 1, 2, 48] {
                let args = args.iter().map(|arg| (*arg, value)).collect::<FluentArgs<'_>>();
                let said = text(language).say(key, Some(&args));
                assert!(!said.is_empty() && said != *key, "{key} in {language:?}: {said:?}");
            }
        }
    }
}

#[test]
fn what_is_missing_is_said_in_english_and_never_stops_a_page() {
    let english: &Text =
        Box::leak(Box::new(Text::read("en", &["a = one { $x }\nb = two\n"], None)));
    let other = Text::read("id", &["a = satu { $y }\n = broken\nc = { tiga\n"], Some(english));
    let args = [("x", 5)].into_iter().collect::<FluentArgs<'_>>();
    assert_eq!(other.say("a", Some(&args)), "one 5");
    assert_eq!(other.say("b", None), "two");
    assert_eq!(other.say("c", None), "c");
}

#[test]
fn durations_are_told_in_their_largest_unit() {
    for (seconds, expected) in
        [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (172_800, "2 d")]
    {
        let english = Words::of(Language::English).duration(Duration::from_secs(seconds));
        assert_eq!(english.replace('\u{a0}', " "), expected);
    }
    let hour = Duration::from_secs(3600);
    assert!(Words::of(Language::Indonesian).duration(hour).ends_with("jam"));
}
