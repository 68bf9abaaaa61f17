//! The decision table as data: a line of facts, and what is concluded from it.
//!
//! A line is words: `page=` and `url=` are addresses; `direct=`, `blind=`, `relay=` what came of a fetch; `at:URL=` what came
//! of one elsewhere through the relay, `atdirect:URL=`, `atblind:URL=` by the browser. The rest are facts of the page.

mod line;

use doctor::{Place, Report, diagnose};
use expect_test::{Expect, expect};
use std::fmt::Write as _;

fn of(line: &str) -> Report {
    diagnose(&line::evidence(line))
}

/// The causes, each with its sentence, what was found and the titles of its cures.
fn check(line: &str, expected: &Expect) {
    let report = of(line);
    let mut text = String::new();
    for diagnosis in &report.diagnoses {
        let _ = write!(text, "{:?} {:?}: {}", diagnosis.certainty, diagnosis.cause, diagnosis.sentence);
        if let Some(found) = &diagnosis.found {
            let _ = write!(text, " -> {found}");
        }
        let picture = if diagnosis.picture.is_some() { " [picture]" } else { "" };
        let titles: Vec<&str> = diagnosis.cures.iter().map(|cure| cure.title.as_str()).collect();
        let titles = if titles.is_empty() { String::new() } else { format!("\n  {}", titles.join("; ")) };
        let _ = writeln!(text, "{picture}{titles}");
    }
    expected.assert_eq(text.trim_end());
}

#[test]
fn what_the_relay_says_is_proved() {
    check(
        "url=http://127.0.0.1:9323/metrics direct=opaque blind=opaque relay=refused",
        &expect![[r#"
        Proved Refused: 127.0.0.1:9323 refused the connection: no program listens there. [picture]
          Switch Docker's metrics on; Let containers reach them too; Start the program, or correct the port"#]],
    );
    check(
        "url=http://127.0.0.1:7777/metrics direct=opaque blind=opaque relay=refused",
        &expect![[r#"
        Proved Refused: 127.0.0.1:7777 refused the connection: no program listens there. [picture]
          Publish the container's port; Start the program, or correct the port"#]],
    );
    check(
        "url=http://shop.example.org/metrics direct=opaque blind=opaque relay=unknown",
        &expect![[r#"
        Proved UnknownHost: The name shop.example.org is not known: it leads to no address.
          Check the name"#]],
    );
    check(
        "url=http://web:8080/metrics direct=opaque blind=opaque relay=unknown",
        &expect![[r#"
        Proved UnknownHost: The name web is not known: it leads to no address. [picture]
          Publish the port of web; Run the relay with Docker Compose; Check the name"#]],
    );
    check(
        "url=http://10.0.0.1:9100/metrics direct=opaque blind=opaque relay=timeout",
        &expect![[r#"
        Proved TimedOut: http://10.0.0.1:9100/metrics did not answer within 15 s.
          See what answers there; Open the way; Give it more time"#]],
    );
    check(
        "url=http://10.0.0.1:9100/metrics direct=opaque blind=opaque relay=unreachable",
        &expect![[r#"
        Proved Unreachable: The network does not lead to 10.0.0.1:9100: no machine answers.
          Open the way"#]],
    );
    check(
        "url=http://10.0.0.1:22/metrics direct=opaque blind=opaque relay=nothttp",
        &expect![[r#"
        Proved NotHttp: Something listens at 10.0.0.1:22, but it does not speak HTTP.
          Check the port"#]],
    );
    check(
        "url=http://10.0.0.1:9100/metrics direct=opaque blind=unread relay=forbidden",
        &expect![[r#"
        Proved RelayForbids: The relay does not fetch 10.0.0.1:9100: 10.0.0.1 fits no --allow pattern of the relay.
          Allow the address
        Proved Cors: http://10.0.0.1:9100/metrics answered, but your browser may not show the answer to this page: it has no Access-Control-Allow-Origin header.
          Put nginx before it; Put Caddy before it; Put Traefik before it"#]],
    );
    check(
        "url=http://127.0.0.1:1/x direct=opaque blind=opaque relay=toolarge",
        &expect![[r#"
        Proved TooLarge: The answer of http://127.0.0.1:1/x is larger than is read.
          Expose less; Let the relay read more"#]],
    );
    check(
        "url=http://127.0.0.1:1/x direct=opaque blind=opaque relay=redirects",
        &expect![[r#"
        Proved Redirects: http://127.0.0.1:1/x sends from one address to the next without an end: more than 5 redirects.
          See what answers there"#]],
    );
    check(
        "url=http://127.0.0.1:1/x direct=opaque blind=opaque relay=cutoff",
        &expect![[r#"
        Proved CutOff: The answer of http://127.0.0.1:1/x broke off before its end.
          Look into the log of the target"#]],
    );
}

#[test]
fn certificates_have_cures_of_their_own() {
    check(
        "url=https://10.0.0.1:9100/metrics direct=opaque blind=opaque relay=untrusted",
        &expect![[r#"
        Proved Tls: The certificate of 10.0.0.1:9100 is not signed by an authority that is trusted here; it may be self-signed.
          Give the relay the certificate; Let the browser trust the certificate"#]],
    );
    check(
        "url=https://a.example.org/metrics direct=opaque blind=opaque relay=expired",
        &expect![[r#"
        Proved Tls: The certificate of a.example.org has expired.
          Renew the certificate"#]],
    );
    check(
        "url=https://a.example.org/metrics direct=opaque blind=opaque relay=othername",
        &expect![[r#"
        Proved Tls: The certificate of a.example.org is for another name.
          Use a name of the certificate"#]],
    );
    check(
        "url=https://127.0.0.1:9100/metrics direct=opaque blind=opaque relay=plain",
        &expect![[r#"
        Proved Tls: 127.0.0.1:9100 does not speak https on this port, only plain http. -> http://127.0.0.1:9100/metrics"#]],
    );
    check(
        "url=https://127.0.0.1:9100/metrics direct=opaque blind=opaque",
        &expect![[r#"
        Likely Tls: No https connection to 127.0.0.1:9100 came about; most likely your browser does not trust its certificate.
          Let the browser trust the certificate; Renew the certificate
        Likely Refused: Nothing answers at 127.0.0.1:9100; most likely no program listens there. [picture]
          Start the node exporter; Publish the container's port; Start the program, or correct the port
        Likely NoRelay: There is no relay beside this page, which could say more and fetch what the browser may not read.
          Open Promenade through its relay; Run the relay with Docker Compose"#]],
    );
    check(
        "url=https://a.example.org/metrics direct=opaque blind=opaque",
        &expect![[r#"
        Likely Tls: No https connection to a.example.org came about; most likely your browser does not trust its certificate.
          Let the browser trust the certificate; Renew the certificate
        Likely NoRelay: There is no relay beside this page, which could say more and fetch what the browser may not read.
          Open Promenade through its relay; Run the relay with Docker Compose"#]],
    );
}

#[test]
fn what_may_not_be_read_is_told_from_what_is_not_there() {
    check(
        "url=http://127.0.0.1:9100/metrics direct=opaque blind=unread",
        &expect![[r#"
            Proved Cors: http://127.0.0.1:9100/metrics answered, but your browser may not show the answer to this page: it has no Access-Control-Allow-Origin header.
              Open Promenade through its relay; Run the relay with Docker Compose; Give this page a relay; Put nginx before it; Put Caddy before it; Put Traefik before it"#]],
    );
    check(
        "url=http://127.0.0.1:9100/metrics direct=opaque blind=unread relay=good",
        &expect![[r#"
        Proved Cors: Your browser may not read http://127.0.0.1:9100/metrics, so the relay fetches it. That works: there is nothing to do.
          Put nginx before it; Put Caddy before it; Put Traefik before it"#]],
    );
    check(
        "url=http://127.0.0.1:9100/metrics direct=opaque blind=unread relay=refused",
        &expect![[r#"
        Proved RelayElsewhere: Your browser reaches 127.0.0.1:9100, and the relay does not: it runs in a container or on another machine. [picture]
          Name your machine as the relay's container sees it; Let the relay use the network of the machine"#]],
    );
    check(
        "url=http://127.0.0.1:7777/metrics direct=opaque blind=opaque",
        &expect![[r#"
        Likely Refused: Nothing answers at 127.0.0.1:7777; most likely no program listens there. [picture]
          Publish the container's port; Start the program, or correct the port
        Likely NoRelay: There is no relay beside this page, which could say more and fetch what the browser may not read.
          Open Promenade through its relay; Run the relay with Docker Compose"#]],
    );
    check(
        "url=http://web:8080/metrics direct=opaque blind=opaque",
        &expect![[r#"
        Likely UnknownHost: Nothing answers at web; most likely this machine does not know the name. [picture]
          Publish the port of web; Run the relay with Docker Compose; Check the name
        Likely NoRelay: There is no relay beside this page, which could say more and fetch what the browser may not read.
          Open Promenade through its relay; Run the relay with Docker Compose"#]],
    );
    check(
        "url=http://host.docker.internal:9323/metrics direct=opaque blind=opaque",
        &expect![[r#"
        Likely UnknownHost: Nothing answers at host.docker.internal; most likely this machine does not know the name. [picture]
          Use localhost:9323 in this browser; Run the relay with Docker Compose
        Likely NoRelay: There is no relay beside this page, which could say more and fetch what the browser may not read.
          Open Promenade through its relay; Run the relay with Docker Compose"#]],
    );
    check(
        "url=http://shop.example.org/metrics direct=opaque blind=opaque",
        &expect![[r#"
        Likely Opaque: Your browser could not fetch http://shop.example.org/metrics and tells no page why: nothing listens there, the name is unknown, a firewall or an extension is in between.
          See what answers there; Rule out an extension
        Likely NoRelay: There is no relay beside this page, which could say more and fetch what the browser may not read.
          Open Promenade through its relay; Run the relay with Docker Compose"#]],
    );
    check(
        "url=http://shop.example.org/metrics direct=opaque blind=opaque offline",
        &expect![[r#"
        Likely Offline: Your browser says that it is offline.
          Connect this machine
        Likely Opaque: Your browser could not fetch http://shop.example.org/metrics and tells no page why: nothing listens there, the name is unknown, a firewall or an extension is in between.
          See what answers there; Rule out an extension
        Likely NoRelay: There is no relay beside this page, which could say more and fetch what the browser may not read.
          Open Promenade through its relay; Run the relay with Docker Compose"#]],
    );
    check(
        "url=http://shop.example.org/metrics direct=timeout blind=timeout",
        &expect![[r#"
        Proved TimedOut: http://shop.example.org/metrics did not answer within 15 s.
          See what answers there; Open the way; Give it more time
        Likely NoRelay: There is no relay beside this page, which could say more and fetch what the browser may not read.
          Open Promenade through its relay; Run the relay with Docker Compose"#]],
    );
    check(
        "url=http://127.0.0.1:9100/metrics direct=opaque blind=opaque gone",
        &expect![[r#"
        Likely Refused: Nothing answers at 127.0.0.1:9100; most likely no program listens there. [picture]
          Start the node exporter; Publish the container's port; Start the program, or correct the port
        Proved NoRelay: The relay that fetched for this page does not answer any more.
          Start the relay again"#]],
    );
    check(
        "url=http://127.0.0.1:9100/metrics direct=opaque blind=unread gone",
        &expect![[r#"
        Proved NoRelay: The relay that fetched for this page does not answer any more.
          Start the relay again
        Proved Cors: http://127.0.0.1:9100/metrics answered, but your browser may not show the answer to this page: it has no Access-Control-Allow-Origin header.
          Open Promenade through its relay; Run the relay with Docker Compose; Give this page a relay; Put nginx before it; Put Caddy before it; Put Traefik before it"#]],
    );
    check(
        "url=http://127.0.0.1:8443/metrics direct=opaque blind=opaque atblind:https://127.0.0.1:8443/metrics=unread",
        &expect![[r#"
            Likely WrongScheme: http://127.0.0.1:8443/metrics does not answer, but the same port does over https. -> https://127.0.0.1:8443/metrics
            Likely Refused: Nothing answers at 127.0.0.1:8443; most likely no program listens there. [picture]
              Publish the container's port; Start the program, or correct the port
            Likely NoRelay: There is no relay beside this page, which could say more and fetch what the browser may not read.
              Open Promenade through its relay; Run the relay with Docker Compose"#]],
    );
}

#[test]
fn a_page_of_https_or_of_the_internet_has_guards_in_its_way() {
    check(
        "page=https://x.org url=http://10.0.0.1:9100/metrics direct=opaque blind=opaque",
        &expect![[r#"
            Proved MixedContent: This page came over https, and browsers do not let such a page fetch http://10.0.0.1:9100/metrics over http.
              Open Promenade through its relay; Give this page a relay; Give the target https"#]],
    );
    check(
        "page=https://x.org url=http://10.0.0.1:9100/metrics direct=opaque blind=unread relay=good",
        &expect![[r#"
        Proved MixedContent: This page came over https and may not fetch http://10.0.0.1:9100/metrics over http, so the relay fetches it. There is nothing to do.
          Give the target https"#]],
    );
    check(
        "page=https://x.org url=http://127.0.0.1:9100/metrics loopback=denied direct=opaque blind=opaque",
        &expect![[r#"
            Proved LocalNetwork: Your browser does not let this page reach 127.0.0.1:9100: access to the local network was blocked for it.
              Let this page reach the local network; Open Promenade through its relay"#]],
    );
    check(
        "page=https://x.org url=http://127.0.0.1:9100/metrics loopback=prompt direct=opaque blind=opaque",
        &expect![[r#"
            Likely LocalNetwork: Your browser asks first whether this page may reach 127.0.0.1:9100, and nobody has answered yet.
              Let this page reach the local network; Open Promenade through its relay
            Likely Refused: Nothing answers at 127.0.0.1:9100; most likely no program listens there. [picture]
              Start the node exporter; Publish the container's port; Start the program, or correct the port"#]],
    );
    check(
        "page=https://x.org url=http://127.0.0.1:9100/metrics loopback=granted direct=opaque blind=unread",
        &expect![[r#"
            Proved Cors: http://127.0.0.1:9100/metrics answered, but your browser may not show the answer to this page: it has no Access-Control-Allow-Origin header.
              Open Promenade through its relay; Run the relay with Docker Compose; Give this page a relay; Put nginx before it; Put Caddy before it; Put Traefik before it"#]],
    );
    check(
        "page=http://x.org url=http://127.0.0.1:9100/metrics direct=opaque blind=opaque",
        &expect![[r#"
            Likely LocalNetwork: This page came over http from the internet; Chrome lets no such page reach 127.0.0.1:9100 in the local network.
              Open Promenade through its relay
            Likely Refused: Nothing answers at 127.0.0.1:9100; most likely no program listens there. [picture]
              Start the node exporter; Publish the container's port; Start the program, or correct the port"#]],
    );
    check(
        "page=https://x.org url=https://10.0.0.1/metrics local=denied direct=opaque blind=opaque",
        &expect![[r#"
            Proved LocalNetwork: Your browser does not let this page reach 10.0.0.1: access to the local network was blocked for it.
              Let this page reach the local network; Open Promenade through its relay"#]],
    );
}

#[test]
fn a_status_says_what_it_says() {
    check(
        "url=http://127.0.0.1:7777/m direct=opaque blind=unread relay=401",
        &expect![[r#"
        Proved Status(401): http://127.0.0.1:7777/m answered with status 401: it asks who you are.
          Send credentials"#]],
    );
    check(
        "url=https://10.0.0.1:10250/metrics direct=opaque blind=unread relay=k8s401",
        &expect![[r#"
        Proved Status(401): https://10.0.0.1:10250/metrics answered with status 401: it asks who you are.
          Ask through kubectl; Send credentials"#]],
    );
    check(
        "url=http://127.0.0.1:7777/m direct=403",
        &expect![[r#"
        Proved Status(403): http://127.0.0.1:7777/m answered with status 403: it knows who asks, or does not care, and refuses.
          Send credentials; Let this machine in"#]],
    );
    check(
        "url=http://127.0.0.1:7777/m direct=404",
        &expect![[r#"
        Proved Status(404): http://127.0.0.1:7777/m answered with status 404: nothing is at this path.
          Spring Boot: expose /actuator/prometheus; Node.js: answer /metrics with prom-client; Go: answer /metrics with promhttp; ASP.NET Core: map /metrics; Python: start the server of prometheus_client; See what answers there"#]],
    );
    check(
        "url=http://127.0.0.1:8080/metrics direct=whitelabel",
        &expect![[r#"
        Proved Status(404): http://127.0.0.1:8080/metrics answered with status 404: nothing is at this path.
          Spring Boot: expose /actuator/prometheus; See what answers there"#]],
    );
    check(
        "url=http://127.0.0.1:8080/metrics direct=go404",
        &expect![[r#"
        Proved Status(404): http://127.0.0.1:8080/metrics answered with status 404: nothing is at this path.
          Go: answer /metrics with promhttp"#]],
    );
    check(
        "url=http://127.0.0.1:2375/metrics direct=opaque blind=unread relay=dockerapi",
        &expect![[r#"
        Proved Status(404): http://127.0.0.1:2375/metrics answered with status 404: this is Docker's API, which has no metrics.
          Switch Docker's metrics on; Let containers reach them too"#]],
    );
    check(
        "url=http://127.0.0.1:7777/m direct=429",
        &expect![[r#"
        Proved Status(429): http://127.0.0.1:7777/m answered with status 429: it was asked too often.
          Ask less often"#]],
    );
    check(
        "url=http://127.0.0.1:7777/m direct=500",
        &expect![[r#"
        Proved Status(500): http://127.0.0.1:7777/m answered with status 500: it failed while it collected its metrics.
          Look into the log of the target"#]],
    );
    check(
        "url=http://127.0.0.1:7777/m direct=502",
        &expect![[r#"
        Proved Status(502): http://127.0.0.1:7777/m answered with status 502: the program behind it did not answer.
          Start the program behind the proxy"#]],
    );
}

#[test]
fn a_body_that_is_no_metrics_and_a_place_that_has_them() {
    check(
        "url=http://127.0.0.1:7777/m direct=html",
        &expect![[r#"
        Proved NotMetrics: http://127.0.0.1:7777/m answered with a web page (HTML), not with metrics.
          Spring Boot: expose /actuator/prometheus; Node.js: answer /metrics with prom-client; Go: answer /metrics with promhttp; ASP.NET Core: map /metrics; Python: start the server of prometheus_client; See what answers there"#]],
    );
    check(
        "url=http://127.0.0.1:7777/m direct=json",
        &expect![[r#"
        Proved NotMetrics: http://127.0.0.1:7777/m answered with JSON that is not metrics.
          Spring Boot: expose /actuator/prometheus; Node.js: answer /metrics with prom-client; Go: answer /metrics with promhttp; ASP.NET Core: map /metrics; Python: start the server of prometheus_client"#]],
    );
    check(
        "url=http://127.0.0.1:7777/m direct=empty",
        &expect![[r#"
        Proved NotMetrics: http://127.0.0.1:7777/m answered with nothing in it.
          Spring Boot: expose /actuator/prometheus; Node.js: answer /metrics with prom-client; Go: answer /metrics with promhttp; ASP.NET Core: map /metrics; Python: start the server of prometheus_client"#]],
    );
    check(
        "url=http://127.0.0.1:7777/m direct=text",
        &expect![[r#"
            Proved NotMetrics: http://127.0.0.1:7777/m answered with text that is no metrics: line 3: expected a number.
              Mend the exporter; See what answers there"#]],
    );
    check(
        "url=http://127.0.0.1:8080/metrics direct=404 atdirect:http://127.0.0.1:8080/actuator/prometheus=good",
        &expect![[r#"
            Proved WrongPath: http://127.0.0.1:8080/metrics has no metrics; they are at /actuator/prometheus. -> http://127.0.0.1:8080/actuator/prometheus
            Proved Status(404): http://127.0.0.1:8080/metrics answered with status 404: nothing is at this path.
              Spring Boot: expose /actuator/prometheus; Node.js: answer /metrics with prom-client; Go: answer /metrics with promhttp; ASP.NET Core: map /metrics; Python: start the server of prometheus_client; See what answers there"#]],
    );
    check(
        "url=http://127.0.0.1:9323/metrics direct=opaque blind=opaque relay=refused at:http://host.docker.internal:9323/metrics=good",
        &expect![[r#"
            Proved WrongHost: http://127.0.0.1:9323/metrics does not answer from where it was asked; the metrics are at host.docker.internal:9323. -> http://host.docker.internal:9323/metrics [picture]
            Proved Refused: 127.0.0.1:9323 refused the connection: no program listens there. [picture]
              Switch Docker's metrics on; Let containers reach them too; Start the program, or correct the port"#]],
    );
    check(
        "url=http://a.org/metrics direct=opaque blind=opaque relay=refused at:https://a.org/metrics=good",
        &expect![[r#"
            Proved WrongScheme: http://a.org/metrics does not answer, but the same port does over https. -> https://a.org/metrics
            Proved Refused: a.org refused the connection: no program listens there.
              Start the program, or correct the port"#]],
    );
}

#[test]
fn a_good_answer_may_be_late_or_of_another_time() {
    check(
        "url=http://127.0.0.1:7777/m direct=good",
        &expect!["Proved Works: http://127.0.0.1:7777/m answers with metrics now, in 12 ms."],
    );
    check(
        "url=http://127.0.0.1:7777/m direct=slow",
        &expect![[r#"
        Proved Slow: http://127.0.0.1:7777/m answers, but takes 7.2 s; the time-out is 5 s.
          Give it more time; Expose less"#]],
    );
    check(
        "url=http://127.0.0.1:7777/m direct=skewed",
        &expect![[r#"
        Proved ClockSkew: The clock of 127.0.0.1:7777 is 60 min behind the clock of this machine.
          Set the clocks"#]],
    );
}

#[test]
fn a_server_of_the_api_is_looked_at_as_one() {
    check(
        "api url=http://127.0.0.1:9090/api/v1/query?query=1 direct=api",
        &expect!["Proved Works: http://127.0.0.1:9090/api/v1/query answers now, in 12 ms."],
    );
    check(
        "api headers url=http://127.0.0.1:9090/api/v1/query?query=1 direct=opaque blind=unread",
        &expect![[r#"
            Proved Cors: http://127.0.0.1:9090/api/v1/query answered, but your browser may not show the answer to this page: the server does not allow this page, or not the headers that go with its credentials.
              Open Promenade through its relay; Run the relay with Docker Compose; Give this page a relay; Let Prometheus allow this page; Put nginx before it; Put Caddy before it; Put Traefik before it"#]],
    );
    check(
        "api url=http://127.0.0.1:8428/api/v1/query?query=1 direct=opaque blind=unread",
        &expect![[r#"
            Proved Cors: http://127.0.0.1:8428/api/v1/query answered, but your browser may not show the answer to this page: it has no Access-Control-Allow-Origin header.
              Open Promenade through its relay; Run the relay with Docker Compose; Give this page a relay; Let VictoriaMetrics allow pages; Put nginx before it; Put Caddy before it; Put Traefik before it"#]],
    );
    check(
        "api headers url=http://127.0.0.1:9090/api/v1/query?query=1 direct=401",
        &expect![[r#"
        Proved Status(401): http://127.0.0.1:9090/api/v1/query answered with status 401: it asks who you are.
          Check the credentials"#]],
    );
    check(
        "api url=http://127.0.0.1:9090/api/v1/query?query=1 direct=404",
        &expect![[r#"
        Proved Status(404): http://127.0.0.1:9090/api/v1/query answered with status 404: nothing is at this path.
          Check the address of the server"#]],
    );
    check(
        "api url=http://127.0.0.1:9090/api/v1/query?query=1 direct=html",
        &expect![[r#"
        Proved NotMetrics: http://127.0.0.1:9090/api/v1/query answered with a web page (HTML), not with an answer of Prometheus' API.
          Check the address of the server"#]],
    );
}

#[test]
fn evidence_is_listed_with_who_says_so() {
    let report = of(
        "page=https://x.org url=http://127.0.0.1:9100/metrics loopback=prompt direct=opaque blind=unread relay=skewed",
    );
    let lines: Vec<String> =
        report.facts.iter().map(|fact| format!("{:?} {:?}: {}", fact.mark, fact.origin, fact.text)).collect();
    expect![[r#"
        Good Address: 127.0.0.1 is this machine itself, as seen by whoever asks. The port is 9100.
        Neutral Browser: This page came from https://x.org, a secure context.
        Neutral Browser: The browser asks before this page may reach programs on this device.
        Good Browser: A relay answers at https://x.org/relay/.
        Bad Browser: Fetched by the browser: no answer that may be read, after 12 ms.
        Good Browser: Asked by the browser without reading the answer: something answered, after 12 ms.
        Good Relay: Fetched by the relay: status 200, metrics, 40 samples, after 12 ms.
        Bad Answer: Its clock is 60 min behind that of this machine.
        Neutral Answer: It looks like node exporter."#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn cures_hold_the_addresses_at_hand() {
    let snippets = |line: &str| {
        let report = of(line);
        let cures = report.diagnoses.iter().flat_map(|diagnosis| &diagnosis.cures);
        let texts =
            cures.flat_map(|cure| &cure.snippets).map(|s| format!("-- {} ({})\n{}", s.place, s.language, s.text));
        texts.collect::<String>()
    };
    expect![[r#"
        -- Terminal (sh)
        git clone https://github.com/promenade-metrics/promenade && cd promenade
        cargo xtask dist
        cargo run --release --package relay -- --dist dist
        -- compose.yaml (yaml)
        services:
          promenade:
            build: https://github.com/promenade-metrics/promenade.git
            # Only this machine reaches it, so it may do without passwords.
            command: ["--no-auth"]
            ports: ["127.0.0.1:9919:9919"]
            extra_hosts: ["host.docker.internal:host-gateway"]
        -- Terminal (sh)
        cargo run --release --package relay -- --page-origin https://x.org
        -- nginx, inside server { } (nginx)
        location /relay/ {
            proxy_pass http://127.0.0.1:9919;
            proxy_set_header Host $http_host;
        }
        -- nginx, inside http { } (nginx)
        server {
            listen 127.0.0.1:19100;
            location / {
                add_header Access-Control-Allow-Origin "https://x.org" always;
                add_header Access-Control-Allow-Headers "Authorization, X-Scope-OrgID" always;
                if ($request_method = OPTIONS) {
                    return 204;
                }
                proxy_pass https://10.0.0.1:9100;
            }
        }
        -- Caddyfile (caddyfile)
        :19100 {
        	bind 127.0.0.1
        	header Access-Control-Allow-Origin "https://x.org"
        	header Access-Control-Allow-Headers "Authorization, X-Scope-OrgID"
        	@preflight method OPTIONS
        	respond @preflight 204
        	reverse_proxy https://10.0.0.1:9100
        }
        -- compose.yaml (yaml)
        services:
          app:
            labels:
              - "traefik.enable=true"
              - "traefik.http.routers.metrics.rule=PathPrefix(`/metrics`)"
              - "traefik.http.routers.metrics.middlewares=metrics-cors"
              - "traefik.http.services.metrics.loadbalancer.server.port=9100"
              - "traefik.http.middlewares.metrics-cors.headers.accesscontrolalloworiginlist=https://x.org"
              - "traefik.http.middlewares.metrics-cors.headers.accesscontrolallowmethods=GET,OPTIONS"
              - "traefik.http.middlewares.metrics-cors.headers.accesscontrolallowheaders=Authorization,X-Scope-OrgID"
              - "traefik.http.middlewares.metrics-cors.headers.addvaryheader=true"
    "#]]
    .assert_eq(&snippets(
        "api headers page=https://x.org url=https://10.0.0.1:9100/metrics direct=opaque blind=unread",
    ));
    expect![[r#"
        -- daemon.json (json)
        {
          "metrics-addr": "127.0.0.1:9323"
        }
        -- Terminal (sh)
        sudo systemctl restart docker
        curl http://127.0.0.1:9323/metrics
        -- daemon.json (json)
        {
          "metrics-addr": "172.17.0.1:9323"
        }
        -- Terminal (sh)
        ss -ltn 'sport = :9323'     # Linux
        lsof -nP -iTCP:9323 -sTCP:LISTEN   # macOS
        docker ps --filter publish=9323
    "#]]
    .assert_eq(&snippets("url=http://127.0.0.1:9323/metrics direct=opaque blind=opaque relay=refused"));
}

#[test]
fn whatever_the_facts_there_is_a_cause_and_every_sentence_ends() {
    let outcomes = "unread opaque timeout refused unknown untrusted expired othername plain unreachable \
        cutoff toolarge nothttp redirects forbidden norelay good slow skewed html json api \
        empty text whitelabel go404 k8s401 dockerapi 401 403 404 429 500 502";
    let outcomes: Vec<&str> = outcomes.split(' ').collect();
    let urls = ["http://127.0.0.1:9323/metrics", "https://web:8080/x", "http://h.example.org/m", "nonsense"];
    for purpose in ["", "api"] {
        for page in ["http://localhost:1", "https://x.org", "http://x.org"] {
            for url in urls {
                for first in &outcomes {
                    for second in &outcomes {
                        let line =
                            format!("{purpose} page={page} url={url} direct={first} blind=opaque relay={second}");
                        let report = of(&line);
                        assert!(!report.diagnoses.is_empty(), "{line}");
                        for diagnosis in &report.diagnoses {
                            assert!(diagnosis.sentence.ends_with('.'), "{line}: {}", diagnosis.sentence);
                            assert!(!diagnosis.sentence.contains(".."), "{line}: {}", diagnosis.sentence);
                        }
                        for fact in &report.facts {
                            assert!(
                                fact.text.ends_with('.') || fact.text.starts_with("The answer begins"),
                                "{}",
                                fact.text
                            );
                        }
                        for step in report.diagnoses.iter().flat_map(|d| &d.cures).flat_map(|cure| &cure.steps) {
                            assert!(step.ends_with(['.', ':']), "{step}");
                        }
                    }
                }
            }
        }
    }
    assert!(Place::parse("nonsense").is_none());
}
