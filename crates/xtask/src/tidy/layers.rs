//! Compares the dependencies of the crates with the two tables of ARCHITECTURE.md, so that a new edge is a reviewed line.

use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};

const HEAD_OF_LAYERS: &str = "| crate | may use |";
const HEAD_OF_OUTSIDE: &str = "| outside crate | only in |";

/// Reports each edge that the tables do not allow, each crate they do not list, and each row about nothing.
///
/// Development dependencies are free: tests may use what they like.
pub(super) fn check(file: &str, text: &str, metadata: &str, problems: &mut Vec<String>) -> Result<()> {
    let layers = table(text, HEAD_OF_LAYERS).with_context(|| format!("{file} has no table `{HEAD_OF_LAYERS}`"))?;
    let outside = table(text, HEAD_OF_OUTSIDE).with_context(|| format!("{file} has no table `{HEAD_OF_OUTSIDE}`"))?;
    let crates = crates(metadata)?;
    for (name, dependencies) in &crates {
        let Some(allowed) = layers.get(name) else {
            problems.push(format!("{file}: crate `{name}` has no row in the table of layers"));
            continue;
        };
        for dependency in dependencies {
            if crates.contains_key(dependency) && !allowed.contains(dependency) {
                problems.push(format!(
                    "{file}: `{name}` uses `{dependency}`, which its row does not allow: remove the dependency, \
                     or add it to the row and say why in the commit"
                ));
            }
            if let Some(owners) = outside.get(dependency).filter(|owners| !owners.contains(name)) {
                problems.push(format!("{file}: `{name}` uses `{dependency}`, which only {} may", join(owners)));
            }
        }
        for unused in allowed.difference(dependencies) {
            problems
                .push(format!("{file}: the row of `{name}` allows `{unused}`, which it does not use: remove it there"));
        }
    }
    for name in layers.keys().filter(|name| !crates.contains_key(*name)) {
        problems
            .push(format!("{file}: the table of layers has a row for `{name}`, which is no crate of the workspace"));
    }
    Ok(())
}

/// The normal and build dependencies of each crate of the workspace, from `cargo metadata`.
fn crates(metadata: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let metadata: serde_json::Value = serde_json::from_str(metadata).context("reading `cargo metadata`")?;
    let packages = metadata["packages"].as_array().context("`cargo metadata` has no packages")?;
    let name_of = |value: &serde_json::Value| value["name"].as_str().unwrap_or_default().to_owned();
    Ok(packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().into_iter().flatten();
            let kept = dependencies.filter(|dependency| dependency["kind"] != "dev").map(name_of).collect();
            (name_of(package), kept)
        })
        .collect())
}

/// The rows under this head: the name in the first column, the names in the second. Names stand in backquotes.
fn table(text: &str, head: &str) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let mut lines = text.lines().skip_while(|line| line.trim() != head);
    lines.next()?;
    let rows = lines.take_while(|line| line.starts_with('|')).filter(|line| !line.starts_with("|---"));
    Some(
        rows.filter_map(|row| {
            let mut columns = row.trim_matches('|').split('|');
            let name = names(columns.next()?).next()?;
            Some((name, names(columns.next()?).collect()))
        })
        .collect(),
    )
}

fn names(column: &str) -> impl Iterator<Item = String> {
    column.split('`').skip(1).step_by(2).map(str::to_owned)
}

fn join(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    //! Edges, rows, and what is said about them.
    use expect_test::{Expect, expect};

    const TEXT: &str = "# House\n\n| crate | may use |\n|---|---|\n| `model` | |\n| `tsdb` | `model` |\n| `app` | `model`, `tsdb` |\n\n\
                        | outside crate | only in |\n|---|---|\n| `leptos` | `app` |\n";

    fn check(crates: &[(&str, &[&str], &[&str])], expected: &Expect) {
        let packages: Vec<_> = crates
            .iter()
            .map(|(name, normal, dev)| {
                let normal = normal.iter().map(|name| serde_json::json!({ "name": name, "kind": null }));
                let dev = dev.iter().map(|name| serde_json::json!({ "name": name, "kind": "dev" }));
                serde_json::json!({ "name": name, "dependencies": normal.chain(dev).collect::<Vec<_>>() })
            })
            .collect();
        let mut problems = Vec::new();
        let metadata = serde_json::json!({ "packages": packages }).to_string();
        super::check("A.md", TEXT, &metadata, &mut problems).unwrap();
        expected.assert_eq(&problems.join("\n"));
    }

    #[test]
    fn edges_of_the_table_are_fine_and_tests_use_what_they_like() {
        check(
            &[("model", &["libm"], &["tsdb"]), ("tsdb", &["model"], &[]), ("app", &["model", "tsdb", "leptos"], &[])],
            &expect![""],
        );
    }

    #[test]
    fn a_new_edge_an_outside_crate_in_the_wrong_place_and_an_unused_row_are_named() {
        check(
            &[("model", &["tsdb"], &[]), ("tsdb", &["model", "leptos"], &[]), ("app", &["tsdb"], &[])],
            &expect![[r#"
                A.md: the row of `app` allows `model`, which it does not use: remove it there
                A.md: `model` uses `tsdb`, which its row does not allow: remove the dependency, or add it to the row and say why in the commit
                A.md: `tsdb` uses `leptos`, which only `app` may"#]],
        );
    }

    #[test]
    fn a_crate_without_a_row_and_a_row_without_a_crate_are_named() {
        check(
            &[("model", &[], &[]), ("tsdb", &["model"], &[]), ("new", &[], &[])],
            &expect![[r#"
            A.md: crate `new` has no row in the table of layers
            A.md: the table of layers has a row for `app`, which is no crate of the workspace"#]],
        );
    }
}
