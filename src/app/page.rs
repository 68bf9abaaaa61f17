//! Which page an address means. The page may lie under any path of its host, so only the last part of the
//! path counts; what stands before it belongs to every link.

/// A page of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Expressions, tables, graphs: `/query`, and the start.
    Query,
    /// All metric families: `/metrics-list`, since `/metrics` are the relay's own metrics.
    Metrics,
    /// What is scraped, and how it goes: `/targets`.
    Targets,
    /// What was found to scrape, and what relabelling made of it: `/service-discovery`. A tab of the targets.
    Discovery,
    /// Servers that are asked, and what they say of themselves: `/sources`.
    Sources,
    /// Store, relay and build: `/status`.
    Status,
    /// Nothing is here.
    Unknown,
}

impl Page {
    /// The pages that the navigation names, from the left.
    pub const ALL: [Page; 5] = [Page::Query, Page::Metrics, Page::Targets, Page::Sources, Page::Status];

    /// The page of a path. `/graph` is what Prometheus called its query page.
    #[must_use]
    pub fn of(path: &str) -> Page {
        match last_part(path) {
            "" | "query" | "graph" | "index.html" => Page::Query,
            "metrics-list" => Page::Metrics,
            "targets" => Page::Targets,
            "service-discovery" => Page::Discovery,
            "sources" => Page::Sources,
            "status" => Page::Status,
            _ => Page::Unknown,
        }
    }

    /// The page that the navigation names for it: itself, or the one that it is a part of.
    #[must_use]
    pub fn section(self) -> Page {
        if self == Page::Discovery { Page::Targets } else { self }
    }

    /// The path of the page, beside the path of another page of this app.
    #[must_use]
    pub fn path_beside(self, path: &str) -> String {
        let base = &path[..path.len() - last_part(path).len()];
        let name = match self {
            Page::Query | Page::Unknown => "query",
            Page::Metrics => "metrics-list",
            Page::Targets => "targets",
            Page::Discovery => "service-discovery",
            Page::Sources => "sources",
            Page::Status => "status",
        };
        format!("{}{name}", if base.is_empty() { "/" } else { base })
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_is_found_under_its_own_path_anywhere() {
        for base in ["/", "/tools/promenade/"] {
            for page in Page::ALL.into_iter().chain([Page::Discovery]) {
                let path = page.path_beside(base);
                assert_eq!(Page::of(&path), page);
                assert_eq!(page.path_beside(&format!("{base}targets")), path, "links do not depend on the page");
            }
        }
    }

    #[test]
    fn old_and_wrong_addresses() {
        for (path, page) in [
            ("", Page::Query),
            ("/", Page::Query),
            ("/graph", Page::Query),
            ("/index.html", Page::Query),
            ("/metrics", Page::Unknown),
            ("/targets/", Page::Query),
            ("/Targets", Page::Unknown),
        ] {
            assert_eq!(Page::of(path), page, "{path}");
        }
    }
}
