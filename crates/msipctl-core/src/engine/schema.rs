//! The JSON Schemas of the state document and the result.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::result::EngineResult;
use super::state::StateDocument;

/// Returns the schema of a state document.
pub fn state_schema() -> Value {
    schema_of::<StateDocument>()
}

/// Returns the schema of a result.
pub fn result_schema() -> Value {
    schema_of::<EngineResult>()
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}
