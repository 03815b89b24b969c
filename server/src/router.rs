//! Every door of the server in one place.

use std::sync::{Arc, LazyLock};

use app::{pages::settings::about::About, services::Services, shell};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, FromRef, Request},
    http::Method,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use codika::BaseUrl;
use engine::SecretLink;
use leptos::{config::LeptosOptions, context::provide_context, server_fn::axum::server_fn_paths};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, NotForContentType},
    },
    csrf::CsrfLayer,
};
use url::Url;

use crate::{
    assets,
    config::Config,
    events, health,
    middleware::{
        bodies::{self, MAX_BODY},
        client::{self, TrustedProxies},
        detach_on_disconnect, error_pages, observe, rpc, session,
    },
    page_forms, pages, rest, security,
};

/// What every handler gets.
#[derive(Clone)]
pub struct App {
    pub services: Services,
    pub https: bool,
    pub hub: Arc<events::Hub>,
    pub places: Arc<events::Places>,
    pub trusted_proxies: TrustedProxies,
    /// Where browsers reach this server, with a slash at the end.
    pub public_url: Url,
    pub bodies: Arc<bodies::Budget>,
    pub about: Arc<About>,
    /// Where Codika is, unless an environment says otherwise.
    pub base_url: BaseUrl,
    options: LeptosOptions,
}

impl App {
    pub fn new(services: Services, hub: Arc<events::Hub>, config: &Config) -> Self {
        // Everything here is about cargo-leptos, which this product is not built with.
        let options = LeptosOptions::builder().output_name("codika").build();
        Self {
            services,
            https: config.is_https(),
            hub,
            places: Arc::new(events::Places::new(config.streams)),
            trusted_proxies: config.trusted_proxies.clone(),
            public_url: config.public_url.clone(),
            bodies: Arc::default(),
            about: Arc::new(pages::about(config)),
            base_url: config.clients.base_url.clone(),
            options,
        }
    }

    /// The address that a link leads to; it is shown this once.
    pub fn link(&self, link: &SecretLink) -> String {
        format!("{}invite?token={}", self.public_url, link.secret)
    }

    /// Renders the page of this request's path; `extra` adds to what the page can see.
    pub async fn render(
        &self,
        mut request: Request<Body>,
        extra: impl Fn() + Clone + Send + Sync + 'static,
    ) -> Response {
        if let Err(refused) = session::bring_session(self, &mut request).await {
            return refused.into_response();
        }
        let services = self.services.clone();
        let context = move || {
            provide_context(services.clone());
            extra();
        };
        render_app_async_with_context(context, shell)(request).await
    }
}

impl FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.options.clone()
    }
}

/// The live pages, found once for the whole process: while leptos looks for them, resources that any page begins to
/// load never come (https://github.com/leptos-rs/leptos/issues/4773).
static LIVE_PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| {
    let drawn = pages::routes().below("");
    // The app has a route for drawn pages too; they come with handlers of their own.
    let is_drawn = |path: &str| path.contains("{*") || drawn.iter().any(|(_, known)| known == path);
    generate_route_list(app::App).into_iter().filter(|page| !is_drawn(page.path())).collect()
});

pub fn router(app: App) -> Router {
    let services = app.services.clone();
    let live = Router::new()
        .leptos_routes_with_context(&app, LIVE_PAGES.clone(), move || provide_context(services.clone()), shell)
        .layer(from_fn_with_state(app.clone(), session::describe))
        .layer(from_fn(rpc::json_only))
        .layer(from_fn(page_forms::workflow::with_draft))
        .layer(from_fn(session::require_for_pages))
        .layer(compression());
    Router::new()
        .merge(live)
        .merge(pages::routes().into_router().layer(compression()))
        .merge(page_forms::routes().into_router())
        .merge(events::routes().into_router())
        .fallback(page_forms::not_found)
        .layer(from_fn_with_state(app.clone(), bodies::receive))
        .layer(from_fn_with_state(app.clone(), session::recognise))
        .nest(rest::PREFIX, rest::routes(&app))
        .merge(health::routes().into_router())
        .merge(assets::routes().into_router())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CsrfLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(app.clone(), client::locate))
        .layer(from_fn_with_state(app.clone(), error_pages::error_pages))
        .layer(from_fn_with_state(app.clone(), security::protect))
        .layer(from_fn(observe::observe))
        .layer(from_fn(detach_on_disconnect::detach_on_disconnect))
        .with_state(app)
}

/// Method and path of everything that is answered, for whoever checks that each is guarded.
pub fn routes() -> Vec<(Method, String)> {
    let live = LIVE_PAGES.iter().map(|page| (Method::GET, page.path().to_owned()));
    let calls = server_fn_paths().map(|(path, method)| (method, path.to_owned()));
    let mut all: Vec<_> = live.chain(calls).collect();
    all.extend(pages::routes().below(""));
    all.extend(page_forms::routes().below(""));
    all.extend(events::routes().below(""));
    all.extend(rest::guarded().below(rest::PREFIX));
    all.extend(rest::open().below(rest::PREFIX));
    all.extend(health::routes().below(""));
    all.extend(assets::routes().below(""));
    all
}

/// Event streams have to arrive at once. One level above the usual one makes a document a twelfth smaller, for 2 ms.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(5))
        .compress_when(DefaultPredicate::new().and(NotForContentType::SSE))
}
