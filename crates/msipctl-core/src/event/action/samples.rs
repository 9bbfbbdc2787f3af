//! Generates unusual but valid fields for tests.

use proptest::prelude::*;

use crate::event::grammar::field;

pub(super) fn text() -> impl Strategy<Value = String> {
    r#"([ ,"a-zé]|%%|%number%|%event%){0,6}"#.prop_map(|text| field(&text))
}

pub(super) fn window() -> impl Strategy<Value = String> {
    "(class:)?[a-z ,\"é]{0,4}x".prop_map(|text| field(&text))
}

pub(super) fn message() -> impl Strategy<Value = String> {
    "(WM_USER|WM_APP)\\+[0-9]{1,4}|0x[0-9a-f]{1,4}|WM_CLOSE"
}
