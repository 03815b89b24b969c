//! What handlers ask of a request.

mod page_form;
mod page_path;
mod signed_in;
mod visitor;

pub use page_form::PageForm;
pub use page_path::PagePath;
pub use signed_in::SignedIn;
pub use visitor::Visitor;
