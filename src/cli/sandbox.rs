//! `sandbox` — only the fake DingTalk.

use dingtalk_sandbox::{Arguments, Sandbox};

use super::signal::stop_requested;

/// Serves until it is told to stop.
pub async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::bind(arguments.into())?;
    println!("DingTalk sandbox listening on http://{}", sandbox.address());
    let handle = sandbox.handle();
    actix_web::rt::spawn(async move {
        stop_requested().await;
        handle.stop(true).await;
    });
    Ok(sandbox.run().await?)
}
