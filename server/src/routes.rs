//! A router that can be asked what it answers; axum's own cannot.

use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{self, MethodRouter},
};

use crate::App;

pub struct Routes {
    router: Router<App>,
    known: Vec<(Method, String)>,
}

impl Routes {
    pub fn new() -> Self {
        Self { router: Router::new(), known: Vec::new() }
    }

    pub fn get<H: Handler<T, App>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.route_for(Method::GET, path, routing::get(handler))
    }

    pub fn post<H: Handler<T, App>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.route_for(Method::POST, path, routing::post(handler))
    }

    fn route_for(mut self, method: Method, path: &str, handler: MethodRouter<App>) -> Self {
        self.router = self.router.route(path, handler);
        self.known.push((method, path.to_owned()));
        self
    }

    pub fn into_router(self) -> Router<App> {
        self.router
    }

    /// Method and path of each, the path below `prefix`.
    pub fn below(self, prefix: &str) -> Vec<(Method, String)> {
        self.known.into_iter().map(|(method, path)| (method, format!("{prefix}{path}"))).collect()
    }
}
