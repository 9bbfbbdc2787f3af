//! JSON text with the keys of each object in alphabetical order, in whatever order the fields are declared.
//!
//! The text is written at once, without a tree of values: a row of `show` has thousands of fields.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    SerializeTupleStruct, Serializer,
};
use serde_json::{Error, Value};

use super::screen::json_shown;

/// Returns the JSON of a value in one line, with hidden characters escaped.
pub(super) fn line<T: Serialize + ?Sized>(value: &T) -> io::Result<String> {
    text(value, None)
}

/// Returns the same over several lines, the first of which begins at a level of indentation.
pub(super) fn indented<T: Serialize + ?Sized>(value: &T, level: usize) -> io::Result<String> {
    text(value, Some(level))
}

fn text<T: Serialize + ?Sized>(value: &T, level: Option<usize>) -> io::Result<String> {
    let mut writer = Writer::default();
    value.serialize(Sorted { writer: &mut writer, level })?;
    let text = String::from_utf8(writer.text).map_err(io::Error::other)?;
    match json_shown(&text) {
        Cow::Borrowed(_) => Ok(text),
        Cow::Owned(shown) => Ok(shown),
    }
}

/// The text so far.
#[derive(Default)]
struct Writer {
    text: Vec<u8>,
    /// The fields of all objects that are being written, those of inner objects last: each key, and where its field is.
    fields: Vec<(Cow<'static, str>, Range<usize>)>,
}

impl Writer {
    #[inline]
    fn put(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    fn scalar<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        serde_json::to_writer(&mut self.text, value)
    }

    /// Begins a line, if there are to be several.
    fn break_line(&mut self, level: Option<usize>) {
        if let Some(level) = level {
            self.put(b"\n");
            self.text.extend(std::iter::repeat_n(b' ', 2 * level));
        }
    }

    /// Ends a list or an object whose items have this level.
    fn close(&mut self, level: Option<usize>, is_empty: bool, bracket: &[u8]) {
        if !is_empty {
            self.break_line(level.map(|level| level.saturating_sub(1)));
        }
        self.put(bracket);
    }
}

/// Writes one value.
struct Sorted<'w> {
    writer: &'w mut Writer,
    /// The level of indentation; `None` stands for one line.
    level: Option<usize>,
}

impl<'w> Sorted<'w> {
    fn list(self) -> List<'w> {
        self.writer.put(b"[");
        List { writer: self.writer, level: self.level.map(|level| level + 1), is_empty: true }
    }

    fn object(self) -> Object<'w> {
        self.writer.put(b"{");
        Object {
            first: self.writer.fields.len(),
            start: self.writer.text.len(),
            writer: self.writer,
            level: self.level.map(|level| level + 1),
            key: Cow::Borrowed(""),
        }
    }
}

/// Writes the items of a list.
struct List<'w> {
    writer: &'w mut Writer,
    level: Option<usize>,
    is_empty: bool,
}

impl List<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
        if !self.is_empty {
            self.writer.put(b",");
        }
        self.is_empty = false;
        self.writer.break_line(self.level);
        item.serialize(Sorted { writer: self.writer, level: self.level })
    }

    fn close(self) {
        self.writer.close(self.level, self.is_empty, b"]");
    }
}

/// Writes the fields of an object as they come, and puts them in order at its end.
struct Object<'w> {
    writer: &'w mut Writer,
    level: Option<usize>,
    /// The number of its first field.
    first: usize,
    /// Where the first field begins.
    start: usize,
    /// The key whose value comes next.
    key: Cow<'static, str>,
}

impl Object<'_> {
    fn field<T: Serialize + ?Sized>(
        &mut self,
        key: Cow<'static, str>,
        value: &T,
    ) -> Result<(), Error> {
        let Self { writer, level, .. } = self;
        if writer.fields.len() > self.first {
            writer.put(b",");
        }
        let start = writer.text.len();
        writer.break_line(*level);
        match key {
            // The name of a field, in which nothing is to be escaped.
            Cow::Borrowed(key) => {
                writer.text.reserve(key.len() + 4);
                writer.put(b"\"");
                writer.put(key.as_bytes());
                writer.put(b"\":");
            }
            Cow::Owned(ref key) => {
                writer.scalar(key)?;
                writer.put(b":");
            }
        }
        if level.is_some() {
            writer.put(b" ");
        }
        value.serialize(Sorted { writer, level: *level })?;
        writer.fields.push((key, start..writer.text.len()));
        Ok(())
    }

    fn close(self) {
        let Self { writer, level, first, start, .. } = self;
        let fields = &mut writer.fields[first..];
        let is_empty = fields.is_empty();
        if !fields.is_sorted_by(|(one, _), (next, _)| one < next) {
            let written = writer.text.split_off(start);
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            let groups = fields.chunk_by(|(one, _), (other, _)| one == other);
            // Of like keys the last one counts.
            for (index, (_, range)) in groups.filter_map(<[_]>::last).enumerate() {
                if index > 0 {
                    writer.text.push(b',');
                }
                writer.text.extend_from_slice(&written[range.start - start..range.end - start]);
            }
        }
        writer.fields.truncate(first);
        writer.close(level, is_empty, b"}");
    }
}

macro_rules! scalars {
    ($($method:ident: $type:ty),+ $(,)?) => {
        $(fn $method(self, value: $type) -> Result<(), Error> {
            self.writer.scalar(&value)
        })+
    };
}

impl<'w> Serializer for Sorted<'w> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'w>;
    type SerializeTuple = List<'w>;
    type SerializeTupleStruct = List<'w>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Object<'w>;
    type SerializeStruct = Object<'w>;
    type SerializeStructVariant = Impossible<(), Error>;

    scalars! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
    }

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.writer.put(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.writer.put(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut object = self.object();
        object.field(Cow::Borrowed(variant), value)?;
        object.close();
        Ok(())
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<List<'w>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple(self, _length: usize) -> Result<List<'w>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<List<'w>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Err(no_row(name))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Object<'w>, Error> {
        Ok(self.object())
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Object<'w>, Error> {
        Ok(self.object())
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        Err(no_row(name))
    }
}

fn no_row(name: &str) -> Error {
    Error::custom(format!("`{name}` has variants with fields, which no row has"))
}

/// Writes the items of what serde tells apart and JSON doesn't: sequences, tuples, and tuple structures.
macro_rules! lists {
    ($($kind:ident: $method:ident),+ $(,)?) => {
        $(impl $kind for List<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
                self.item(item)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        })+
    };
}

lists! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
}

impl SerializeStruct for Object<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.field(Cow::Borrowed(key), value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let Value::String(key) = serde_json::to_value(key)? else {
            return Err(Error::custom("a key is no text"));
        };
        self.key = Cow::Owned(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = std::mem::take(&mut self.key);
        self.field(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Serialize;

    use super::*;

    #[derive(Debug, Serialize)]
    struct Row {
        name: String,
        #[serde(flatten)]
        rest: Rest,
        a: Option<(i64, bool)>,
        kind: Kind,
        map: BTreeMap<String, f64>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        empty: Vec<u8>,
    }

    #[derive(Debug, Serialize)]
    struct Rest {
        z: Vec<Inner>,
        b: (),
        // Hides the field above.
        name: &'static str,
    }

    #[derive(Debug, Serialize)]
    struct Inner {
        y: char,
        x: Vec<()>,
    }

    #[derive(Debug, Clone, Serialize)]
    enum Kind {
        Plain,
        With(u8),
    }

    fn rows() -> impl Strategy<Value = Row> {
        let kind = prop::sample::select(vec![Kind::Plain, Kind::With(7)]);
        let inner = prop::collection::vec((any::<char>(), 0..3usize), 0..3);
        let map = prop::collection::btree_map(any::<String>(), -9.0..9.0, 0..3);
        (any::<String>(), any::<Option<(i64, bool)>>(), kind, inner, map).prop_map(
            |(name, a, kind, inner, map)| {
                let inner = inner.into_iter().map(|(y, length)| Inner { y, x: vec![(); length] });
                let rest = Rest { z: inner.collect(), b: (), name: "n" };
                Row { name, rest, a, kind, map, empty: Vec::new() }
            },
        )
    }

    proptest! {
        #[test]
        fn text_is_that_of_a_tree_with_sorted_keys(row in rows(), level in 0..3usize) {
            let tree = serde_json::to_value(&row).unwrap();
            let compact = tree.to_string();
            prop_assert_eq!(line(&row).unwrap(), json_shown(&compact));
            let pretty = serde_json::to_string_pretty(&tree).unwrap();
            let expected = pretty.replace('\n', &format!("\n{}", "  ".repeat(level)));
            prop_assert_eq!(indented(&row, level).unwrap(), json_shown(&expected));
        }
    }
}
