//! A bare handler, which only sends the bytes that it was given. It shows what actix-web itself can do.

use std::collections::HashMap;

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// An answer to send.
#[derive(Clone, Deserialize, Serialize)]
pub struct Recorded {
    /// The path that it answers.
    pub path: String,
    /// The headers except those that the library writes by itself.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

type Answers = HashMap<String, (Vec<(String, String)>, Bytes)>;

/// Serves the answers of this file at the port in `APP_PORT`, with the HTTP settings of the server.
pub async fn serve(file: &str) -> Result<(), Failure> {
    let recorded: Vec<Recorded> = serde_json::from_slice(&std::fs::read(file)?)?;
    let answers = recorded
        .into_iter()
        .map(|answer| (answer.path, (answer.headers, Bytes::from(answer.body))));
    let answers: Data<Answers> = Data::new(answers.collect());
    let port: u16 = std::env::var("APP_PORT")?.parse()?;
    HttpServer::new(move || {
        App::new()
            .app_data(answers.clone())
            .default_service(web::to(send))
    })
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}

async fn send(answers: Data<Answers>, request: HttpRequest) -> HttpResponse {
    let Some((headers, body)) = answers.get(request.path()) else {
        return HttpResponse::NotFound().finish();
    };
    let mut response = HttpResponse::Ok();
    for (name, value) in headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    response.body(body.clone())
}
