//! The endpoints that the gateway answers itself: health, readiness, and the mock of benchmark mode.

use super::{mock, worker::Worker};
use crate::gateway::Gateway;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Json,
    routing::{get, post},
};
use http::{Method, Request, Response, Uri};
use hyper::body::Incoming;
use std::sync::Arc;
use tower_service::Service;

const HEALTH: &str = "/healthz";
const READY: &str = "/readyz";
const BENCHMARK: &str = "/benchmark/v1/chat/completions";

/// The local endpoint that a request is for; other methods on its path go to the routes, as in openai-forward.
pub(crate) fn endpoint(method: &Method, path: &str, benchmark_mode: bool) -> Option<&'static str> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let asks = matches!(*method, Method::GET | Method::HEAD);
    match path {
        HEALTH if asks => Some(HEALTH),
        READY if asks => Some(READY),
        BENCHMARK if benchmark_mode && *method == Method::POST => Some(BENCHMARK),
        _ => None,
    }
}

/// Whether an endpoint plays a service, so that limits hold for it.
pub(crate) fn plays_a_service(endpoint: &str) -> bool {
    endpoint == BENCHMARK
}

/// The local endpoints.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route(HEALTH, get(async || Json("OK")))
        .route(READY, get(ready))
        .route(BENCHMARK, post(mock::chat))
        .with_state(gateway)
}

async fn ready(State(gateway): State<Arc<Gateway>>) -> (StatusCode, Json<serde_json::Value>) {
    let (status, text) = match gateway.is_serving() {
        true => (StatusCode::OK, "serving"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
    };
    let in_flight = gateway.in_flight.count();
    (status, Json(serde_json::json!({"status": text, "requests_in_flight": in_flight})))
}

/// Answers a request for a local endpoint.
pub(crate) async fn answer(
    worker: &Worker,
    endpoint: &'static str,
    request: Request<Incoming>,
) -> Response<axum::body::Body> {
    let mut request = request.map(axum::body::Body::new);
    *request.uri_mut() = Uri::from_static(endpoint);
    let Ok(answer) = worker.local.clone().call(request).await;
    answer
}
