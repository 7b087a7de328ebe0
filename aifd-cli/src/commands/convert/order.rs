//! Flags into what is taken and what is made of it.

use crate::{
    cli::{Convert, Dedupe, Selection},
    commands::facts,
    report::Failure,
};
use aifd_log::{
    convert::{Order, write::Manner},
    redact::{Builtin, Redactions, Redactor},
    select::{Criteria, Sample},
};

pub(super) fn of(arguments: &Convert) -> Result<Order, Failure> {
    let selection = &arguments.selection;
    Ok(Order {
        criteria: Criteria {
            finish_reasons: selection.finish_reason.clone(),
            ends: selection.end.iter().map(|end| end.logged()).collect(),
            min_turns: selection.min_turns,
            has_tools: selection.has_tools,
            max_tokens: selection.max_tokens,
            ..facts::criteria(&selection.facts, "convert")?
        },
        dedupe: selection.dedupe.map(Dedupe::selected),
        sample: selection.sample.map(|count| Sample { count, seed: selection.seed }),
        split: selection.split.clone(),
        redactor: redactor(selection)?,
        strict: arguments.strict,
        manner: Manner {
            format: arguments.format.dataset(),
            weight: arguments.weight.answers(),
            shard_bytes: arguments.shard_size,
        },
    })
}

/// What is cut out; nothing, unless something is asked for.
fn redactor(selection: &Selection) -> Result<Option<Redactor>, Failure> {
    let mut builtin = Vec::new();
    for name in &selection.redact {
        builtin.extend(Builtin::named(name)?);
    }
    let redactions = Redactions { builtin, own: selection.redact_pattern.clone() };
    if redactions == Redactions::default() {
        return Ok(None);
    }
    Ok(Some(Redactor::new(&redactions, std::iter::empty::<&str>())?))
}
