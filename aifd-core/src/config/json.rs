//! JSON of a variable, read with every name kept, so that one given twice is noticed.

use super::{
    node::{Entry, MAX_NODES, Node, Scalar, Value},
    origin::Origin,
    problem::What,
};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::{cell::Cell, fmt};

/// Reads the JSON text of a variable. serde_json bounds the nesting itself (128).
pub(super) fn read(text: &str, origin: &Origin) -> Result<Node, What> {
    let left = Cell::new(MAX_NODES);
    let mut reader = serde_json::Deserializer::from_str(text);
    let seed = Seed { origin, left: &left };
    let node = seed.deserialize(&mut reader).and_then(|node| reader.end().map(|()| node));
    node.map_err(|error| {
        if left.get() == 0 {
            return What::TooBig;
        }
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
        What::Json { line: error.line(), column: error.column(), reason }
    })
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    origin: &'a Origin,
    left: &'a Cell<usize>,
}

impl Seed<'_> {
    fn node(&self, value: Value) -> Node {
        Node { value, origin: self.origin.clone() }
    }

    fn scalar(&self, text: String, quoted: bool) -> Node {
        self.node(Value::Scalar(Scalar { text, quoted, hidden: false }))
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Node, D::Error> {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => return Err(D::Error::custom("too large")),
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(self.node(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(self.scalar(value.to_string(), false))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(self.scalar(value.to_string(), false))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(self.scalar(value.to_string(), false))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(self.scalar(value.to_string(), false))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(self.scalar(value.to_owned(), true))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(self.node(Value::List(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(name) = items.next_key::<String>()? {
            let value = items.next_value_seed(self)?;
            map.push(Entry { name, origin: self.origin.clone(), value });
        }
        Ok(self.node(Value::Map(map)))
    }
}
