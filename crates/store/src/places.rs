//! Placeholders for many ids at once.

use crate::engine::Value;

/// Placeholders for a whole page of at most 20 rows, and of at most 100: two texts, so that both stay prepared.
macro_rules! twenty {
    () => {
        "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20"
    };
}
macro_rules! hundred {
    () => {
        concat!(
            $crate::places::twenty!(),
            ", $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, \
             $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, \
             $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, \
             $83, $84, $85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95, $96, $97, $98, $99, $100"
        )
    };
}

pub(crate) use {hundred, twenty};

/// The values of [`hundred!`]: at most a hundred ids, and nothing in the places that are left.
pub(crate) fn a_hundred(ids: impl Iterator<Item = i64>) -> Vec<Value<'static>> {
    let mut values: Vec<Value<'static>> = ids.map(Value::from).collect();
    values.resize(100, Value::Null);
    values
}
