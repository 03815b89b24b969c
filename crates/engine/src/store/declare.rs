//! Declares a trait of the store, and `forward_…!`, which implements it for a store that wraps another one.

/// `forward_…!(Type)` passes every method to `self.inner()`, through `self.around("method", future)`.
macro_rules! store_trait {
    ($(#[$about:meta])* pub trait $name:ident as $forward:ident { $($methods:tt)* }) => {
        store_trait! { @declare ($) $(#[$about])* pub trait $name as $forward { $($methods)* } }
    };
    (
        @declare ($dollar:tt) $(#[$about:meta])* pub trait $name:ident as $forward:ident {
            $($(#[$doc:meta])* async fn $method:ident(&self $(, $argument:ident: $kind:ty)* $(,)?) -> $answer:ty;)*
        }
    ) => {
        $(#[$about])*
        #[async_trait::async_trait]
        pub trait $name: Send + Sync + 'static {
            $($(#[$doc])* async fn $method(&self $(, $argument: $kind)*) -> $answer;)*
        }

        #[macro_export]
        macro_rules! $forward {
            ($dollar type:ty) => {
                #[async_trait::async_trait]
                impl $name for $dollar type {
                    $(
                        async fn $method(&self $(, $argument: $kind)*) -> $answer {
                            self.around(stringify!($method), self.inner().$method($($argument),*)).await
                        }
                    )*
                }
            };
        }
    };
}

pub(super) use store_trait;
