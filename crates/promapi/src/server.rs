//! Which server it is, and what it offers.
//!
//! What each offers by default is known by its kind; what it answers is better knowledge, and replaces that.

use crate::error::ApiError;
use crate::request::ApiEndpoint;

/// Who made a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum ServerKind {
    /// Prometheus itself.
    Prometheus,
    /// VictoriaMetrics, a single server or the select part of a cluster.
    VictoriaMetrics,
    /// The query part of Thanos.
    Thanos,
    /// Mimir, also as Grafana Cloud.
    Mimir,
    /// Something else that speaks the API, such as Cortex.
    #[default]
    Unknown,
}

impl ServerKind {
    /// What it is called.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ServerKind::Prometheus => "Prometheus",
            ServerKind::VictoriaMetrics => "VictoriaMetrics",
            ServerKind::Thanos => "Thanos",
            ServerKind::Mimir => "Mimir",
            ServerKind::Unknown => "a Prometheus-compatible server",
        }
    }

    fn offers(self, endpoint: ApiEndpoint) -> Offer {
        use ApiEndpoint as E;
        match (self, endpoint) {
            (_, E::Query | E::QueryRange | E::Labels | E::LabelValues | E::Series) | (ServerKind::Prometheus, _) => {
                Offer::Yes
            }
            (ServerKind::VictoriaMetrics, E::Targets | E::TsdbStatus | E::BuildInfo) => Offer::Yes,
            // It answers so that Grafana is content.
            (ServerKind::VictoriaMetrics, E::Rules | E::Alerts | E::Metadata | E::Exemplars) => Offer::Empty,
            (ServerKind::VictoriaMetrics, E::RuntimeInfo | E::Flags) => Offer::No,
            (ServerKind::Mimir, E::Targets | E::TsdbStatus | E::RuntimeInfo | E::Flags) => Offer::No,
            (ServerKind::Mimir, _) => Offer::Yes,
            (ServerKind::Thanos, E::TsdbStatus) => Offer::Unknown,
            (ServerKind::Thanos, _) => Offer::Yes,
            (ServerKind::Unknown, _) => Offer::Unknown,
        }
    }
}

/// Whether a server has a part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Offer {
    /// It has.
    Yes,
    /// It answers, but has nothing to say unless another program stands behind it (`vmalert` for rules).
    Empty,
    /// It has not.
    No,
    /// Nobody knows before it is asked.
    Unknown,
}

/// A server, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Who made it.
    pub kind: ServerKind,
    /// Its version as it says, empty if it does not.
    pub version: String,
    /// What its answers have shown.
    learnt: Vec<(ApiEndpoint, Offer)>,
}

impl Server {
    /// A server of which no more is known.
    #[must_use]
    pub fn new(kind: ServerKind, version: impl Into<String>) -> Self {
        Server { kind, version: version.into(), learnt: Vec::new() }
    }

    /// Whether it has a part of the API.
    #[must_use]
    pub fn offers(&self, endpoint: ApiEndpoint) -> Offer {
        let learnt = self.learnt.iter().find(|(of, _)| *of == endpoint);
        learnt.map_or_else(|| self.kind.offers(endpoint), |(_, offer)| *offer)
    }

    /// Takes in how a question ended. An answer that failed for another reason teaches nothing.
    ///
    /// `has_content` is whether a good answer held anything.
    pub fn learn(&mut self, endpoint: ApiEndpoint, ended: Result<bool, &ApiError>) {
        let offer = match ended {
            Ok(true) => Offer::Yes,
            // What is empty by nature stays so; others may only have nothing now.
            Ok(false) if self.offers(endpoint) == Offer::Empty => Offer::Empty,
            Ok(false) => Offer::Yes,
            Err(ApiError::NotOffered { .. }) => Offer::No,
            Err(_) => return,
        };
        match self.learnt.iter_mut().find(|(of, _)| *of == endpoint) {
            Some((_, known)) => *known = offer,
            None => self.learnt.push((endpoint, offer)),
        }
    }
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.as_str())?;
        if !self.version.is_empty() {
            write!(f, " {}", self.version)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_answers_is_better_knowledge_than_what_its_kind_has() {
        let mut server = Server::new(ServerKind::VictoriaMetrics, "");
        assert_eq!(server.offers(ApiEndpoint::Rules), Offer::Empty);
        server.learn(ApiEndpoint::Rules, Ok(false));
        assert_eq!(server.offers(ApiEndpoint::Rules), Offer::Empty);
        server.learn(ApiEndpoint::Rules, Ok(true));
        assert_eq!(server.offers(ApiEndpoint::Rules), Offer::Yes);
        let mut server = Server::new(ServerKind::Unknown, "");
        assert_eq!(server.offers(ApiEndpoint::Targets), Offer::Unknown);
        server.learn(ApiEndpoint::Targets, Err(&ApiError::Status { status: 502, message: String::new() }));
        assert_eq!(server.offers(ApiEndpoint::Targets), Offer::Unknown);
        server.learn(ApiEndpoint::Targets, Err(&ApiError::NotOffered { status: 404 }));
        assert_eq!(server.offers(ApiEndpoint::Targets), Offer::No);
    }
}
