//! Reads and changes departments of the sandbox's organization, and generates a whole company.

use actix_web::{
    HttpResponse,
    web::{Data, Json, Path},
};
use serde::Serialize;

use crate::{
    control_error::ControlError,
    delivery::announce,
    state::{
        directory::{Company, Department, DepartmentChange, Departments, Happening, NewDepartment},
        platform::Platform,
    },
};

/// The largest company that can be generated. A larger number is taken for a mistake.
const MOST: usize = 1_000_000;

/// The id of a new department.
#[derive(Serialize)]
pub struct Created {
    id: i64,
}

/// `GET /_sandbox/departments`.
pub async fn list(platform: Data<Platform>) -> HttpResponse {
    let state = platform.lock();
    let departments = state
        .directory
        .departments(&platform.settings().corp_id)
        .into_iter()
        .flat_map(Departments::all);
    HttpResponse::Ok().json(departments.collect::<Vec<_>>())
}

/// `POST /_sandbox/departments`.
pub async fn create(
    platform: Data<Platform>,
    new: Json<NewDepartment>,
) -> Result<Json<Created>, ControlError> {
    let corp_id = &platform.settings().corp_id;
    let mut state = platform.lock();
    let id = state
        .directory
        .create_department(corp_id, new.into_inner())?;
    let created = Happening::of_department(corp_id, "org_dept_create", id);
    announce(&platform, &mut state, vec![created]);
    Ok(Json(Created { id }))
}

/// `PATCH /_sandbox/departments/{id}`.
pub async fn change(
    platform: Data<Platform>,
    id: Path<i64>,
    change: Json<DepartmentChange>,
) -> Result<Json<Department>, ControlError> {
    let corp_id = &platform.settings().corp_id;
    let (id, change) = (id.into_inner(), change.into_inner());
    let mut state = platform.lock();
    let changed = state.directory.change_department(corp_id, id, change)?;
    let modified = Happening::of_department(corp_id, "org_dept_modify", id);
    announce(&platform, &mut state, vec![modified]);
    Ok(Json(changed))
}

/// `DELETE /_sandbox/departments/{id}`.
pub async fn remove(platform: Data<Platform>, id: Path<i64>) -> Result<HttpResponse, ControlError> {
    let corp_id = &platform.settings().corp_id;
    let mut state = platform.lock();
    let id = id.into_inner();
    state.directory.remove_department(corp_id, id)?;
    let removed = Happening::of_department(corp_id, "org_dept_remove", id);
    announce(&platform, &mut state, vec![removed]);
    Ok(HttpResponse::NoContent().finish())
}

/// `PUT /_sandbox/company`: replaces all departments and people of the organization with a
/// generated company.
pub async fn generate(
    platform: Data<Platform>,
    company: Json<Company>,
) -> Result<HttpResponse, ControlError> {
    if company.people.max(company.departments) > MOST {
        let message = format!("people and departments must be at most {MOST}");
        return Err(ControlError::Request(message));
    }
    let corp_id = &platform.settings().corp_id;
    let mut state = platform.lock();
    state.directory.generate(corp_id, company.into_inner());
    Ok(HttpResponse::NoContent().finish())
}
