//! The new API family: camelCase JSON, a token in its own header, failures as HTTP status codes.

mod app_call;
mod app_token;
mod contact;
mod fields;
mod leave_records;
mod open_connection;
mod refusal;
mod robot;
mod user_token;

use actix_web::{
    Resource,
    web::{self, ServiceConfig},
};

pub use refusal::Refusal;

use crate::state::endpoint::Endpoint;

/// The routes of this family.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(resource(Endpoint::UserToken).post(user_token::exchange))
        .service(resource(Endpoint::AppToken).post(app_token::issue))
        .service(resource(Endpoint::OrganizationToken).post(app_token::issue_for_organization))
        .service(resource(Endpoint::ContactUser).get(contact::show))
        .service(resource(Endpoint::RobotSend).post(robot::send))
        .service(resource(Endpoint::RobotReadStatus).get(robot::read_status))
        .service(resource(Endpoint::RobotRecall).post(robot::recall))
        .service(resource(Endpoint::StreamOpen).post(open_connection::open))
        .service(resource(Endpoint::LeaveRecords).get(leave_records::list))
        .service(web::resource("/v{version:[0-9].*}").to(unknown_action));
}

/// A known path. Another method on it is answered as an unknown action.
fn resource(endpoint: Endpoint) -> Resource {
    web::resource(endpoint.path()).default_service(web::to(unknown_action))
}

async fn unknown_action() -> Result<&'static str, Refusal> {
    Err(Refusal::UnknownAction)
}
