//! The parts of an action's description in the OpenAPI document.

use schemars::Schema;

/// The description of an action, apart from its address.
pub struct Description {
    /// A summary in one sentence.
    pub summary: &'static str,
    /// The schema of the body, if there is one. Such an action is called by POST.
    pub body: Option<Schema>,
    /// Parameters: place, name and meaning.
    pub parameters: &'static [Parameter],
    /// What a successful answer holds.
    pub answer: Answer,
}

/// Place, name and meaning of a parameter.
pub type Parameter = (&'static str, &'static str, &'static str);

/// What a successful answer holds.
pub enum Answer {
    /// `{"data": …}` with a value of this schema.
    Data(Schema),
    /// `{"data": […]}` with rows of this schema, and their count in `meta`.
    Page(Schema),
    /// A value like this, with nothing around it.
    Bare(Schema),
    /// `{}`.
    Empty,
    /// A page or a redirect for a browser.
    Browser,
    /// A file of comma-separated values.
    Csv,
    /// The OpenAPI document.
    Document,
}
