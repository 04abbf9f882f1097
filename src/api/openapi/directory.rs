//! What the actions of the directory do, take and answer.

use schemars::{JsonSchema, SchemaGenerator, json_schema};

use super::description::{Answer, Description};
use super::descriptions::LISTING;
use crate::api::directory as d;

/// What is known of an action of `dingtalkDirectory`.
pub fn describe(action: &str, types: &mut SchemaGenerator) -> Option<Description> {
    let described = |summary, body, answer| Description {
        summary,
        body,
        parameters: &[],
        answer,
    };
    let listed = |summary, row| Description {
        parameters: LISTING,
        ..described(summary, None, Answer::Page(row))
    };
    Some(match action {
        "sources" => {
            let row = d::SourceRow::json_schema(types);
            let rows = json_schema!({"type": "array", "items": row});
            described(
                "Lists the authenticators that can have a directory, each with its source and its last run.",
                None,
                Answer::Data(rows),
            )
        }
        "optionsSchema" => described(
            "Describes the form of a source as a JSON Schema.",
            None,
            Answer::Data(json_schema!({"type": "object"})),
        ),
        "saveSource" => described(
            "Creates or changes the source of an authenticator. It acts as the caller from then on.",
            Some(d::SourceForm::json_schema(types)),
            Answer::Data(d::SavedSource::json_schema(types)),
        ),
        "destroySource" => described(
            "Removes the source of an authenticator with its runs and records. Accounts stay as they are.",
            Some(d::RunRequest::json_schema(types)),
            Answer::Data(json_schema!({"type": "integer"})),
        ),
        "preview" => described(
            "Begins a preview, which finds out what a run would do and changes nothing.",
            Some(d::RunRequest::json_schema(types)),
            Answer::Data(d::Begun::json_schema(types)),
        ),
        "run" => described(
            "Begins a run, which goes on by itself.",
            Some(d::RunRequest::json_schema(types)),
            Answer::Data(d::Begun::json_schema(types)),
        ),
        "cancel" => described(
            "Asks a run to end. What it has done stays done.",
            Some(d::Ending::json_schema(types)),
            Answer::Empty,
        ),
        "runs" => listed("Lists runs and previews.", d::RunRow::json_schema(types)),
        "findings" => listed(
            "Lists what runs did, would do and noticed.",
            d::FindingRow::json_schema(types),
        ),
        "members" => listed(
            "Lists the people of the organization as they were last read, with their accounts.",
            d::MemberRow::json_schema(types),
        ),
        "departments" => listed(
            "Lists the departments of the organization as they were last read.",
            d::DepartmentRow::json_schema(types),
        ),
        _ => return None,
    })
}
