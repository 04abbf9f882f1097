//! Middleware that counts requests.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

use crate::state::platform::Platform;

/// Records each request after it has been answered.
pub async fn record(
    platform: Data<Platform>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (method, path) = (request.method().to_string(), request.path().to_owned());
    let response = next.call(request).await?;
    let status = response.status().as_u16();
    log::debug!("{method} {path} {status}");
    platform.lock().requests.record(method, path, status);
    Ok(response)
}
