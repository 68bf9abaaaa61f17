//! Rules about single files: their length, their first sentence, and what may not stand in them.

/// The most lines a source file may have: more is two rooms in one.
const MAX_LINES: usize = 700;

/// Files that are looked at; test data may look as it likes.
const KINDS: [&str; 9] = ["rs", "toml", "md", "css", "html", "js", "json", "yml", "run"];

/// Words that put work off or stop the program; in pieces, so that this file does not hold them.
const BANNED_WORDS: [(&str, &str); 5] = [
    (concat!("TO", "DO"), "do it, or write an issue"),
    (concat!("FIX", "ME"), "repair it, or write an issue"),
    (concat!("todo", "!("), "write it"),
    (concat!("unimplemented", "!("), "write it"),
    (concat!("dbg", "!("), "remove it"),
];

/// Paths of somebody's machine.
const BANNED_PATHS: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("C:\\", "Users")];

/// Checks one file of the repository, named as git does.
pub(super) fn check(name: &str, content: &str, problems: &mut Vec<String>) {
    let extension = name.rsplit(['.', '/']).next().unwrap_or_default();
    if !KINDS.contains(&extension) || name.contains("tests/data/") {
        return;
    }
    let is_source = ["rs", "css", "js"].contains(&extension);
    let n_lines = content.lines().count();
    if is_source && n_lines > MAX_LINES {
        problems.push(format!("{name}: {n_lines} lines, at most {MAX_LINES}: divide it by what its parts are about"));
    }
    if name.ends_with("/mod.rs") {
        problems.push(format!("{name}: modules are `name.rs` and `name/`, not `mod.rs`"));
    }
    if extension == "rs" && !starts_with_module_sentence(content) {
        problems.push(format!("{name}:1: begin with `//!` and a sentence that says what the file does"));
    }
    if !content.is_empty() && !content.ends_with('\n') {
        problems.push(format!("{name}:{n_lines}: the last line has no end"));
    }
    for (line_idx, line) in content.lines().enumerate() {
        let at = format!("{name}:{}", line_idx + 1);
        // rustfmt sees to it in Rust, and leaves what a test expects within a string.
        if extension != "rs" && line.ends_with([' ', '\t', '\r']) {
            problems.push(format!("{at}: white space at the end"));
        }
        if is_source {
            for (word, advice) in BANNED_WORDS.iter().filter(|(word, _)| line.contains(word)) {
                problems.push(format!("{at}: `{word}`: {advice}"));
            }
        }
        for path in BANNED_PATHS.iter().filter(|path| line.contains(**path)) {
            problems.push(format!("{at}: `{path}…` is a path of one machine"));
        }
    }
}

/// Each group of lines in `[workspace.dependencies]` begins with a comment that says why they are there.
pub(super) fn check_dependencies(name: &str, content: &str, problems: &mut Vec<String>) {
    let mut is_inside = false;
    let mut has_reason = false;
    for (line_idx, line) in content.lines().enumerate() {
        if line.starts_with('[') {
            is_inside = line == "[workspace.dependencies]";
            has_reason = false;
        } else if line.trim().is_empty() {
            has_reason = false;
        } else if line.starts_with('#') {
            has_reason = true;
        } else if is_inside && !has_reason {
            problems.push(format!("{name}:{}: no comment above says why this dependency is needed", line_idx + 1));
        }
    }
}

/// Inner attributes, as fuzz targets need, may come first.
fn starts_with_module_sentence(content: &str) -> bool {
    content
        .lines()
        .find(|line| !line.starts_with("#![") && !line.is_empty())
        .is_some_and(|line| line.starts_with("//! "))
}

#[cfg(test)]
mod tests {
    //! A file with a flaw, and the line that names it.
    use super::{BANNED_PATHS, BANNED_WORDS, MAX_LINES, check_dependencies};
    use expect_test::{Expect, expect};

    fn check(name: &str, content: &str, expected: &Expect) {
        let mut problems = Vec::new();
        super::check(name, content, &mut problems);
        expected.assert_eq(&problems.join("\n"));
    }

    #[test]
    fn a_tidy_file_has_no_problems() {
        check("src/a.rs", "//! Adds.\n\nfn add() {}\n", &expect![""]);
        check("fuzz/a.rs", "#![no_main]\n//! Feeds bytes to the parser.\n", &expect![""]);
        check("tests/data/a.md", "white space \n", &expect![""]);
        check("src/a.rs", "//! Expects.\nconst E: &str = \"a \nb\";\n", &expect![""]);
    }

    #[test]
    fn flaws_are_named_with_their_place() {
        check(
            "src/a.rs",
            "fn add() {}\n",
            &expect!["src/a.rs:1: begin with `//!` and a sentence that says what the file does"],
        );
        check("a.md", "# A\n\nadds \n", &expect!["a.md:3: white space at the end"]);
        let content = format!("//! A.\n// {} later\nlet p = \"{}me\";", BANNED_WORDS[0].0, BANNED_PATHS[1]);
        let mut problems = Vec::new();
        super::check("src/a/mod.rs", &content, &mut problems);
        assert_eq!(problems.len(), 4, "{problems:?}");
    }

    #[test]
    fn a_long_source_file_is_named_and_a_long_text_is_not() {
        let content = format!("//! A.\n{}", "\n".repeat(MAX_LINES));
        check("a.rs", &content, &expect!["a.rs: 701 lines, at most 700: divide it by what its parts are about"]);
        check("a.md", &content, &expect![""]);
    }

    #[test]
    fn a_dependency_without_a_reason_is_named() {
        let content = "[workspace.dependencies]\n# Numbers.\nlibm = \"1\"\n\nserde = \"1\"\n[profile.dev]\nopt = 1\n";
        let mut problems = Vec::new();
        check_dependencies("Cargo.toml", content, &mut problems);
        assert_eq!(problems, ["Cargo.toml:5: no comment above says why this dependency is needed"]);
    }
}
