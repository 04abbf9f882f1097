//! The old API family: `snake_case` names, a token in the query, and always HTTP 200.

mod call;
mod contact_scope;
mod departments;
mod documented_types;
mod employee;
mod failed_callbacks;
mod get_token;
mod in_app_user;
mod lookup;
mod members;
mod parents;
mod refusal;
mod request_id;
mod user_details;
mod work_messages;
mod work_results;

use actix_web::{
    HttpRequest, Resource,
    web::{self, ServiceConfig},
};

pub use call::calling_app;
pub use refusal::Refusal;

use crate::state::endpoint::Endpoint;

/// The routes of this family.
pub fn routes(config: &mut ServiceConfig) {
    config
        // The real service ignores the method; only the place of the parameters matters.
        .service(web::resource(Endpoint::GetToken.path()).to(get_token::issue))
        .service(web::resource(Endpoint::ContactScope.path()).to(contact_scope::show))
        .service(web::resource(Endpoint::FailedCallbacks.path()).to(failed_callbacks::take))
        .service(resource(Endpoint::UserByUnionId).post(lookup::by_union_id))
        .service(resource(Endpoint::UserByMobile).post(lookup::by_mobile))
        .service(resource(Endpoint::UserDetails).post(user_details::show))
        .service(resource(Endpoint::InAppUser).post(in_app_user::exchange))
        .service(resource(Endpoint::WorkMessage).post(work_messages::send))
        .service(resource(Endpoint::WorkProgress).post(work_results::progress))
        .service(resource(Endpoint::WorkResult).post(work_results::result))
        .service(resource(Endpoint::WorkRecall).post(work_results::recall))
        .service(resource(Endpoint::DepartmentList).post(departments::list))
        .service(resource(Endpoint::DepartmentIds).post(departments::list_ids))
        .service(resource(Endpoint::DepartmentDetails).post(departments::show))
        .service(resource(Endpoint::ParentsOfDepartment).post(parents::of_department))
        .service(resource(Endpoint::ParentsOfUser).post(parents::of_user))
        .service(resource(Endpoint::Members).post(members::list))
        .service(resource(Endpoint::MemberNames).post(members::list_names))
        .service(resource(Endpoint::MemberIds).post(members::list_ids))
        .service(resource(Endpoint::UserCount).post(members::count));
}

/// A known path, which refuses other methods than its own.
fn resource(endpoint: Endpoint) -> Resource {
    web::resource(endpoint.path()).default_service(web::to(wrong_method))
}

async fn wrong_method() -> Result<&'static str, Refusal> {
    Err(Refusal::PostRequired)
}

/// Answers all paths that no other route serves and that have no version.
pub async fn unknown(request: HttpRequest) -> Result<&'static str, Refusal> {
    Err(match request.path().strip_prefix("/topapi/") {
        Some(method) => Refusal::UnknownMethod(method.replace('/', ".")),
        None => Refusal::UnknownUri,
    })
}
