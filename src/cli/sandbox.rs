//! The command `sandbox`, which runs only the sandbox that plays DingTalk.

use dingtalk_sandbox::{Arguments, Sandbox};

use super::output::tell;
use super::signal::StopRequest;

/// Serves until the operator stops it.
pub async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let stop = StopRequest::listen()?;
    let sandbox = Sandbox::bind(arguments.into())?;
    tell!("DingTalk sandbox listening on http://{}", sandbox.address());
    stop.stops(sandbox.handle(), || {});
    Ok(sandbox.run().await?)
}
