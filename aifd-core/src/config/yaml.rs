//! YAML of the configuration file, read with the place of every value.

use super::{
    node::{Entry, MAX_DEPTH, MAX_NODES, Node, Scalar, Value},
    origin::Origin,
    problem::{Checked, Problem, What, YamlFault},
};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Reads the text of a file; an empty one is null.
pub(super) fn read(text: &str, file: &Arc<str>) -> Checked<Node> {
    let mut builder =
        Builder { file, open: Vec::new(), anchors: HashMap::new(), left: MAX_NODES, root: None };
    let mut documents = 0;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| builder.invalid(&error))?;
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
        }
        if documents > 1 {
            let what = What::Yaml(YamlFault::SecondDocument);
            return Err(Problem::error(&builder.place(span.start), "", what).into());
        }
        builder.take(event, span)?;
    }
    Ok(builder.root.unwrap_or_else(|| Node::null(Origin::whole(file))))
}

/// A list or mapping that has begun and not ended.
struct Open {
    node: Node,
    anchor: usize,
    /// The name that waits for its value, in a mapping.
    name: Option<(String, Origin)>,
}

struct Builder<'a> {
    file: &'a Arc<str>,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    left: usize,
    root: Option<Node>,
}

impl Builder<'_> {
    fn place(&self, at: Marker) -> Origin {
        Origin::File { file: Arc::clone(self.file), line: at.line().max(1), column: at.col() + 1 }
    }

    fn invalid(&self, error: &ScanError) -> Problem {
        Problem::error(
            &self.place(*error.marker()),
            "",
            What::Yaml(YamlFault::Syntax(error.info().to_owned())),
        )
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Checked<()> {
        let origin = self.place(span.start);
        match event {
            Event::Scalar(text, style, anchor, _tag) => {
                let node = Node { value: scalar(&text, style), origin };
                self.add(node, anchor, 1)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some((node, size)) => self.add(Node { origin, ..node }, 0, size),
                None => Err(Problem::error(&origin, "", What::Yaml(YamlFault::AliasOfItself)).into()),
            },
            Event::SequenceStart(anchor, _) => self.begin(Value::List(Vec::new()), origin, anchor),
            Event::MappingStart(anchor, _) => self.begin(Value::Map(Vec::new()), origin, anchor),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, value: Value, origin: Origin, anchor: usize) -> Checked<()> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Problem::error(&origin, "", What::TooBig).into());
        }
        self.open.push(Open { node: Node { value, origin }, anchor, name: None });
        Ok(())
    }

    fn end(&mut self) -> Checked<()> {
        let Some(Open { mut node, anchor, .. }) = self.open.pop() else { return Ok(()) };
        if let Value::Map(entries) = &mut node.value {
            merge(entries)?;
        }
        self.add(node, anchor, 1)
    }

    /// Puts a finished value into what is open. Each costs its size, an alias that of all it stands for.
    fn add(&mut self, node: Node, anchor: usize, size: usize) -> Checked<()> {
        if anchor > 0 {
            let size = weight(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        self.left = match self.left.checked_sub(size) {
            Some(left) => left,
            None => return Err(Problem::error(&node.origin, "", What::TooBig).into()),
        };
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut open.node.value, open.name.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(entries), Some((name, origin))) => {
                entries.push(Entry { name, origin, value: node });
            }
            (_, None) => open.name = Some(name_of(node)?),
            (_, Some(_)) => {}
        }
        Ok(())
    }
}

fn weight(node: &Node) -> usize {
    match &node.value {
        Value::Null | Value::Scalar(_) => 1,
        Value::List(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|e| 1 + weight(&e.value)).sum::<usize>(),
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    let quoted = style != ScalarStyle::Plain;
    if !quoted && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    Value::Scalar(Scalar { text: text.to_owned(), quoted, hidden: false })
}

fn name_of(node: Node) -> Checked<(String, Origin)> {
    match node.value {
        Value::Scalar(scalar) => Ok((scalar.text, node.origin)),
        Value::Null => Ok((String::new(), node.origin)),
        _ => Err(Problem::error(&node.origin, "", What::Yaml(YamlFault::Key)).into()),
    }
}

/// Replaces `<<: *base` by those entries of the base that the mapping does not have itself.
fn merge(entries: &mut Vec<Entry>) -> Checked<()> {
    let (bases, own): (Vec<_>, Vec<_>) = entries.drain(..).partition(|entry| entry.name == "<<");
    *entries = own;
    let mut names: HashSet<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    for base in bases {
        let maps = match base.value.value {
            Value::List(items) => items,
            _ => vec![base.value],
        };
        for map in maps {
            let Value::Map(inherited) = map.value else {
                let what = What::Yaml(YamlFault::Merge);
                return Err(Problem::error(&map.origin, "", what).into());
            };
            for entry in inherited {
                if names.insert(entry.name.clone()) {
                    entries.push(entry);
                }
            }
        }
    }
    Ok(())
}
