//! What the document says of one action.

use schemars::Schema;

/// What the document says of an action beside its address.
pub struct Description {
    /// In one sentence.
    pub summary: &'static str,
    /// What is sent as the body, if anything. It is sent by POST.
    pub body: Option<Schema>,
    /// Parameters: place, name and meaning.
    pub parameters: &'static [Parameter],
    /// What a good answer holds.
    pub answer: Answer,
}

/// Place, name and meaning of a parameter.
pub type Parameter = (&'static str, &'static str, &'static str);

/// What a good answer holds.
pub enum Answer {
    /// `{"data": …}` with a value like this.
    Data(Schema),
    /// The same, with rows and their numbers in `meta`.
    Page(Schema),
    /// `{}`.
    Empty,
    /// A page or a redirect, for a browser.
    Browser,
    /// A file of values separated by commas.
    Csv,
    /// This document.
    Document,
}
