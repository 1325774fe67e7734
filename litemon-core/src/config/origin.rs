//! What was written where.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use toml_edit::{Item, TableLike, Value};

use super::{
    KeyPath,
    mistake::{At, Draft, Mistake, Place},
};
use crate::model::Name;

/// Which file or variable each value comes from, and where in it that stands.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// In the order of reading: later wins.
    files: Vec<FileOrigin>,
    variables: BTreeMap<KeyPath, String>,
    working_dir: PathBuf,
    /// Servers that stand in no file.
    managed: BTreeSet<Name>,
}

/// One file: its name, and where each of its keys and values begins.
#[derive(Clone, Debug)]
pub(crate) struct FileOrigin {
    path: PathBuf,
    text: String,
    spots: BTreeMap<KeyPath, Spot>,
}

#[derive(Clone, Copy, Debug)]
struct Spot {
    key: usize,
    value: usize,
}

impl FileOrigin {
    /// A table of a file, which may be all of it.
    pub(crate) fn new(path: &Path, text: &str, root: &dyn TableLike) -> Self {
        let mut spots = BTreeMap::new();
        table(root, &KeyPath::default(), &mut spots);
        Self { path: path.to_owned(), text: text.to_owned(), spots }
    }

    fn folder(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).to_owned()
    }

    fn place(&self, offset: usize) -> Place {
        place_in(&self.path, &self.text, offset)
    }
}

/// The line and the column, both from 1, of a byte of a text.
pub(crate) fn place_in(path: &Path, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    let column = before.get(start..).unwrap_or_default().chars().count() + 1;
    Place::File { path: path.to_owned(), line, column }
}

fn table(table_like: &dyn TableLike, path: &KeyPath, spots: &mut BTreeMap<KeyPath, Spot>) {
    for (name, item) in table_like.iter() {
        let path = path.child(name);
        let key = table_like.key(name).and_then(toml_edit::Key::span).map(|span| span.start);
        let value = item.as_value().and_then(Value::span).map(|span| span.start);
        if let Some(key) = key.or(value) {
            spots.insert(path.clone(), Spot { key, value: value.unwrap_or(key) });
        }
        inside(item, &path, spots);
    }
}

fn inside(item: &Item, path: &KeyPath, spots: &mut BTreeMap<KeyPath, Spot>) {
    if let Some(inner) = item.as_table_like() {
        table(inner, path, spots);
    } else if let Some(array) = item.as_array() {
        list(array, path, spots);
    } else if let Some(tables) = item.as_array_of_tables() {
        for (i, inner) in tables.iter().enumerate() {
            table(inner, &path.child(i.to_string()), spots);
        }
    }
}

fn list(array: &toml_edit::Array, path: &KeyPath, spots: &mut BTreeMap<KeyPath, Spot>) {
    for (i, value) in array.iter().enumerate() {
        let path = path.child(i.to_string());
        if let Some(span) = value.span() {
            spots.insert(path.clone(), Spot { key: span.start, value: span.start });
        }
        match value {
            Value::Array(inner) => list(inner, &path, spots),
            Value::InlineTable(inner) => table(inner, &path, spots),
            _ => {}
        }
    }
}

impl Origins {
    pub(crate) fn new(
        files: Vec<FileOrigin>,
        variables: BTreeMap<KeyPath, String>,
        working_dir: PathBuf,
    ) -> Self {
        Self { files, variables, working_dir, managed: BTreeSet::new() }
    }

    pub(crate) fn with_managed(mut self, managed: BTreeSet<Name>) -> Self {
        self.managed = managed;
        self
    }

    pub(crate) fn is_managed(&self, server: &Name) -> bool {
        self.managed.contains(server)
    }

    /// The managed server that a value belongs to.
    fn managed(&self, path: &KeyPath) -> Option<&Name> {
        match path.words() {
            [table, name, ..] if table == "servers" => self.managed.get(name.as_str()),
            _ => None,
        }
    }

    /// Whether the environment says it.
    pub(crate) fn in_environment(&self, path: &KeyPath) -> bool {
        self.variables.keys().any(|set| path.is_within(set))
    }

    /// What relative paths in the value at `path` count from: the folder of the file that holds it,
    /// or the working directory if it comes from the environment. A value that was not written
    /// counts from the folder of the first file.
    #[must_use]
    pub fn folder(&self, path: &KeyPath) -> PathBuf {
        if self.in_environment(path) {
            return self.working_dir.clone();
        }
        let holder = self.files.iter().rev().find(|file| file.spots.contains_key(path));
        let folder = holder.or_else(|| self.files.first()).map(FileOrigin::folder);
        self.working_dir.join(folder.unwrap_or_default())
    }

    /// Sorts by the order of writing; what was not written comes last, by name.
    pub(crate) fn order(&self, path: &KeyPath) -> (usize, usize, KeyPath) {
        let files = self.files.iter().enumerate();
        let mut found = files.filter_map(|(i, file)| Some((i, file.spots.get(path)?.key)));
        let (file, spot) = found.next().unwrap_or((usize::MAX, usize::MAX));
        (file, spot, path.clone())
    }

    /// Gives the drafts their places, in the order of writing and each once.
    pub(crate) fn place(&self, mut drafts: Vec<Draft>) -> Vec<Mistake> {
        drafts.sort_by_cached_key(|draft| (self.rank(draft), draft.clone()));
        drafts.dedup();
        drafts
            .into_iter()
            .map(|draft| Mistake {
                place: self.locate(&draft),
                key: draft.path.to_string(),
                message: draft.message,
            })
            .collect()
    }

    fn rank(&self, draft: &Draft) -> (usize, usize) {
        self.find(draft).map_or((usize::MAX, 0), |(file, offset)| (file, offset))
    }

    fn locate(&self, draft: &Draft) -> Option<Place> {
        if let Some(name) = self.variable(&draft.path) {
            return Some(Place::Variable(name.clone()));
        }
        if let Some(name) = self.managed(&draft.path) {
            return Some(Place::Managed(name.clone()));
        }
        let (file, offset) = self.find(draft)?;
        Some(self.files.get(file)?.place(offset))
    }

    fn variable(&self, path: &KeyPath) -> Option<&String> {
        let (_, name) = self.variables.iter().find(|(set, _)| path.is_within(set))?;
        Some(name)
    }

    /// The file and the offset of the path, or of the nearest table around it that was written.
    fn find(&self, draft: &Draft) -> Option<(usize, usize)> {
        if self.variable(&draft.path).is_some() {
            return None;
        }
        let mut path = Some(draft.path.clone());
        let mut at = draft.at;
        while let Some(here) = path {
            let mut files = self.files.iter().enumerate().rev();
            if let Some((i, spot)) = files.find_map(|(i, file)| Some((i, file.spots.get(&here)?))) {
                return Some((i, if at == At::Key { spot.key } else { spot.value }));
            }
            path = here.parent();
            at = At::Key;
        }
        None
    }
}
