use leptos::prelude::*;

/// The drawings of `public/icons.svg` that the views use; Lucide's (ISC licence), except the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Ban,
    Calendar,
    Check,
    ChevronDown,
    ChevronRight,
    CircleAlert,
    CircleCheck,
    CircleHelp,
    CircleSlash,
    CircleX,
    Clock,
    CloudOff,
    Copy,
    Download,
    ExternalLink,
    File,
    History,
    Hourglass,
    House,
    Info,
    Loader,
    LogOut,
    Mark,
    Play,
    Plus,
    RotateCw,
    Search,
    Settings,
    Trash2,
    TriangleAlert,
    Upload,
    Workflow,
    X,
}

impl IconName {
    pub const ALL: [Self; 33] = [
        Self::Ban,
        Self::Calendar,
        Self::Check,
        Self::ChevronDown,
        Self::ChevronRight,
        Self::CircleAlert,
        Self::CircleCheck,
        Self::CircleHelp,
        Self::CircleSlash,
        Self::CircleX,
        Self::Clock,
        Self::CloudOff,
        Self::Copy,
        Self::Download,
        Self::ExternalLink,
        Self::File,
        Self::History,
        Self::Hourglass,
        Self::House,
        Self::Info,
        Self::Loader,
        Self::LogOut,
        Self::Mark,
        Self::Play,
        Self::Plus,
        Self::RotateCw,
        Self::Search,
        Self::Settings,
        Self::Trash2,
        Self::TriangleAlert,
        Self::Upload,
        Self::Workflow,
        Self::X,
    ];

    /// The id of the drawing's symbol.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Ban => "ban",
            Self::Calendar => "calendar",
            Self::Check => "check",
            Self::ChevronDown => "chevron-down",
            Self::ChevronRight => "chevron-right",
            Self::CircleAlert => "circle-alert",
            Self::CircleCheck => "circle-check",
            Self::CircleHelp => "circle-help",
            Self::CircleSlash => "circle-slash",
            Self::CircleX => "circle-x",
            Self::Clock => "clock",
            Self::CloudOff => "cloud-off",
            Self::Copy => "copy",
            Self::Download => "download",
            Self::ExternalLink => "external-link",
            Self::File => "file",
            Self::History => "history",
            Self::Hourglass => "hourglass",
            Self::House => "house",
            Self::Info => "info",
            Self::Loader => "loader",
            Self::LogOut => "log-out",
            Self::Mark => "mark",
            Self::Play => "play",
            Self::Plus => "plus",
            Self::RotateCw => "rotate-cw",
            Self::Search => "search",
            Self::Settings => "settings",
            Self::Trash2 => "trash-2",
            Self::TriangleAlert => "triangle-alert",
            Self::Upload => "upload",
            Self::Workflow => "workflow",
            Self::X => "x",
        }
    }
}

/// A drawing that says nothing to screen readers: the word stands beside it.
#[component]
pub fn Icon(name: IconName, #[prop(default = "icon")] class: &'static str) -> impl IntoView {
    view! {
        <svg class=class viewBox="0 0 24 24" aria-hidden="true">
            <use href=format!("/icons.svg#{}", name.symbol())></use>
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::IconName;

    #[test]
    fn every_icon_is_drawn() {
        let sprite = include_str!("../../../public/icons.svg");
        for icon in IconName::ALL {
            assert!(sprite.contains(&format!("id=\"{}\"", icon.symbol())), "{icon:?}");
        }
    }
}
