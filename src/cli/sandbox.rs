//! `sandbox` — only the fake DingTalk.

use dingtalk_sandbox::{Arguments, Sandbox};

use super::signal::StopRequest;

/// Serves until it is told to stop.
pub async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let stop = StopRequest::listen()?;
    let sandbox = Sandbox::bind(arguments.into())?;
    println!("DingTalk sandbox listening on http://{}", sandbox.address());
    stop.stops(sandbox.handle(), || {});
    Ok(sandbox.run().await?)
}
