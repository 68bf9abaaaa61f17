//! Rules as they stand in a file, labels before and after. From what the documentation says of each action.

use super::*;
use proptest::prelude::*;

/// Labels after rules, or `dropped`.
fn after(rules: &str, labels: &[(&str, &str)]) -> String {
    let text = format!("scrape_configs: [{{job_name: j, relabel_configs: [{rules}]}}]");
    let parsed = crate::parse(&text, false);
    assert_eq!(parsed.diagnostics, [], "{rules}");
    let mut builder = LabelsBuilder::new();
    for (name, value) in labels {
        builder.set(name, value);
    }
    let rules = &parsed.config.scrape_configs[0].relabel_configs;
    let mut stepwise = LabelsBuilder::from_labels(&builder.labels());
    let steps = steps(rules, &mut stepwise);
    if !apply(rules, &mut builder) {
        assert!(steps.last().is_some_and(|step| step.is_dropped));
        return "dropped".to_owned();
    }
    assert_eq!(steps.len(), rules.len());
    assert_eq!(steps.last().map_or_else(|| builder.labels(), |step| step.labels.clone()), builder.labels());
    builder.labels().to_string()
}

#[test]
fn each_action_does_what_its_name_says() {
    let labels = [("a", "foo"), ("b", "bar"), ("c", "baz"), ("__meta_x", "1")];
    for (rules, want) in [
        ("", r#"{__meta_x="1", a="foo", b="bar", c="baz"}"#),
        // replace
        (
            "{source_labels: [a], regex: 'f(.*)', target_label: d, replacement: 'ch${1}-ch${1}'}",
            r#"{__meta_x="1", a="foo", b="bar", c="baz", d="choo-choo"}"#,
        ),
        ("{source_labels: [a], regex: 'o', target_label: d}", r#"{__meta_x="1", a="foo", b="bar", c="baz"}"#),
        ("{source_labels: [a, b], target_label: d}", r#"{__meta_x="1", a="foo", b="bar", c="baz", d="foo;bar"}"#),
        (
            "{source_labels: [a, zz, b], separator: '', target_label: d}",
            r#"{__meta_x="1", a="foo", b="bar", c="baz", d="foobar"}"#,
        ),
        ("{target_label: b, replacement: ''}", r#"{__meta_x="1", a="foo", c="baz"}"#),
        ("{source_labels: [zz], target_label: b}", r#"{__meta_x="1", a="foo", c="baz"}"#),
        (
            "{source_labels: [a], regex: '(?P<n>f)(o)(o)', target_label: '${2}${3}_$n', replacement: '$n$2x-${n}x-$$-$9-${2}'}",
            r#"{__meta_x="1", a="foo", b="bar", c="baz", oo_f="f-fx-$--o"}"#,
        ),
        // keep, drop
        ("{source_labels: [a], regex: 'foo|x', action: keep}", r#"{__meta_x="1", a="foo", b="bar", c="baz"}"#),
        ("{source_labels: [a], regex: 'fo', action: keep}", "dropped"),
        ("{source_labels: [a, b], regex: 'foo;.*', action: drop}", "dropped"),
        ("{source_labels: [a], regex: 'oo', action: Drop}", r#"{__meta_x="1", a="foo", b="bar", c="baz"}"#),
        ("{source_labels: [zz], regex: '', action: drop}", "dropped"),
        // keepequal, dropequal
        ("{source_labels: [a], target_label: a, action: keepequal}", r#"{__meta_x="1", a="foo", b="bar", c="baz"}"#),
        ("{source_labels: [a], target_label: b, action: keepequal}", "dropped"),
        ("{source_labels: [a], target_label: a, action: dropequal}", "dropped"),
        ("{source_labels: [a], target_label: b, action: dropequal}", r#"{__meta_x="1", a="foo", b="bar", c="baz"}"#),
        // lowercase, uppercase
        (
            "{source_labels: [a], target_label: a, action: uppercase}, {source_labels: [a], target_label: b, action: lowercase}",
            r#"{__meta_x="1", a="FOO", b="foo", c="baz"}"#,
        ),
        // labelmap, labeldrop, labelkeep
        (
            "{regex: '__meta_(.*)', action: labelmap, replacement: 'm_$1'}",
            r#"{__meta_x="1", a="foo", b="bar", c="baz", m_x="1"}"#,
        ),
        (
            "{regex: '(.)', action: labelmap, replacement: '${1}${1}'}, {regex: '.', action: labeldrop}",
            r#"{__meta_x="1", aa="foo", bb="bar", cc="baz"}"#,
        ),
        ("{regex: '[ab]', action: labelkeep}", r#"{a="foo", b="bar"}"#),
        // In order, until one drops.
        (
            "{target_label: a, replacement: x}, {source_labels: [a], regex: foo, action: drop}, {source_labels: [a], regex: x, action: drop}, {regex: nonsense, action: labelkeep}",
            "dropped",
        ),
    ] {
        assert_eq!(after(rules, &labels), want, "{rules}");
    }
}

#[test]
fn a_hash_chooses_the_same_shard_as_prometheus_does() {
    // The low half of the MD5 of the values, as a number of big end.
    for (value, modulus, want) in [("", 1_000_000, 0), ("foo", 1_000, 0), ("a:9100;b", 8, 0)] {
        let rules = format!("{{source_labels: [a], target_label: h, modulus: {modulus}, action: hashmod}}");
        let got = after(&rules, &[("a", value)]);
        let digest = format!("{:x}", md5(value.as_bytes()));
        let low = u64::from_str_radix(&digest[16..], 16).unwrap();
        let want = if want == 0 { low % modulus } else { want };
        assert!(got.contains(&format!("h=\"{want}\"")), "{value}: {got}");
    }
}

#[test]
fn what_prometheus_refuses_is_refused() {
    for (rule, want) in [
        ("{}", "The action `replace` needs a `target_label`."),
        ("{target_label: '0a'}", "`0a` is no label that `replace` can set."),
        ("{target_label: 'a-b'}", "`a-b` is no label that `replace` can set."),
        ("{action: hashmod, target_label: a}", "The action `hashmod` needs a `modulus` over 0."),
        ("{action: lowercase, target_label: '$1'}", "`$1` is no name for a label."),
        (
            "{action: labelmap, replacement: 'a-$1'}",
            "`a-$1` makes no names of labels: `labelmap` needs letters, digits, `_` and groups.",
        ),
        ("{action: labeldrop, source_labels: [a]}", "The action `labeldrop` takes `regex` only."),
        ("{action: labelkeep, replacement: x}", "The action `labelkeep` takes `regex` only."),
        (
            "{action: keepequal, target_label: a, regex: b}",
            "The action `keepequal` takes `source_labels` and `target_label` only.",
        ),
        ("{action: repalce, target_label: a}", "There is no action `repalce`."),
        ("{regex: '(', target_label: a}", "`(` is no regular expression (RE2 syntax): unclosed group."),
        ("{regx: a, target_label: a}", "There is no setting `regx` here."),
    ] {
        let parsed = crate::parse(&format!("scrape_configs: [{{job_name: j, relabel_configs: [{rule}]}}]"), false);
        assert_eq!(parsed.diagnostics.first().map(|d| d.message.as_str()), Some(want), "{rule}");
    }
}

#[test]
fn a_rule_is_shown_as_it_would_stand_in_a_file() {
    let mut rule = Rule::new(Action::Replace, "([^:]+):\\d+").unwrap();
    rule.source_labels = vec!["__address__".to_owned()];
    rule.target_label = "host".to_owned();
    assert_eq!(
        rule.to_yaml(),
        "source_labels: [__address__]\nregex: '([^:]+):\\d+'\ntarget_label: host\naction: replace"
    );
}

fn rule() -> impl Strategy<Value = Rule> {
    let name = prop::sample::select(vec!["a", "b", "c", "__x", "instance"]);
    let pattern = prop::sample::select(vec!["(.*)", "(.+);(.*)", "a|b", "", "([a-c])(.?)", "_+(.*)"]);
    let text = prop::sample::select(vec!["$1", "${1}_$2", "x", "", "$0", "$$"]);
    let parts = (0..Action::ALL.len(), prop::collection::vec(name.clone(), 0..3), pattern, name, text, 1u64..9);
    parts.prop_map(|(action, sources, pattern, target, replacement, modulus)| {
        let mut rule = Rule::new(Action::ALL[action].1, pattern).unwrap();
        rule.source_labels = sources.into_iter().map(str::to_owned).collect();
        target.clone_into(&mut rule.target_label);
        replacement.clone_into(&mut rule.replacement);
        rule.modulus = modulus;
        rule
    })
}

/// What the documentation says, one case after the other, over a plain list of pairs.
fn naive(rule: &Rule, labels: &mut Vec<(String, String)>) -> bool {
    let get = |labels: &[(String, String)], name: &str| {
        labels.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()
    };
    let set = |labels: &mut Vec<(String, String)>, name: &str, value: &str| {
        labels.retain(|(n, _)| n != name);
        if !value.is_empty() {
            labels.push((name.to_owned(), value.to_owned()));
        }
    };
    let sources: Vec<String> = rule.source_labels.iter().map(|name| get(labels, name)).collect();
    let value = sources.join(&rule.separator);
    let whole = Regex::new(&format!("^(?:{})$", rule.pattern)).unwrap();
    let is_match = |text: &str| whole.is_match(text);
    // The crate's own templates are Go's, but for braces around what is no word.
    let write = |template: &str, text: &str| {
        whole.captures(text).map(|found| {
            let mut out = String::new();
            found.expand(template, &mut out);
            out
        })
    };
    match rule.action {
        Action::Keep => return is_match(&value),
        Action::Drop => return !is_match(&value),
        Action::KeepEqual => return get(labels, &rule.target_label) == value,
        Action::DropEqual => return get(labels, &rule.target_label) != value,
        Action::Replace => {
            if let Some(text) = write(&rule.replacement, &value) {
                set(labels, &rule.target_label, &text);
            }
        }
        Action::Lowercase => set(labels, &rule.target_label, &value.to_lowercase()),
        Action::Uppercase => set(labels, &rule.target_label, &value.to_uppercase()),
        Action::HashMod => {
            let low = u64::from_str_radix(&format!("{:x}", md5(value.as_bytes()))[16..], 16).unwrap();
            set(labels, &rule.target_label, &(low % rule.modulus).to_string());
        }
        Action::LabelMap => {
            let mut before = labels.clone();
            before.sort();
            for (name, value) in before {
                if let Some(to) = write(&rule.replacement, &name).filter(|to| !to.is_empty()) {
                    set(labels, &to, &value);
                }
            }
        }
        Action::LabelDrop => labels.retain(|(name, _)| !is_match(name)),
        Action::LabelKeep => labels.retain(|(name, _)| is_match(name)),
    }
    true
}

proptest! {
    #[test]
    fn rules_do_what_their_naive_twins_do(
        rules in prop::collection::vec(rule(), 0..6),
        values in prop::collection::vec("[a-c_]{1,3}", 5),
    ) {
        let names = ["a", "b", "c", "__x", "instance"];
        let mut pairs: Vec<(String, String)> =
            names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value)).collect();
        let mut builder = LabelsBuilder::new();
        pairs.iter().for_each(|(name, value)| { builder.set(name, value); });
        for rule in &rules {
            let keeps = rule.apply(&mut builder);
            prop_assert_eq!(keeps, naive(rule, &mut pairs), "{}", rule.to_yaml());
            prop_assert_eq!(builder.labels(), Labels::from_pairs(pairs.iter().map(|(n, v)| (n, v))), "{}", rule.to_yaml());
            if !keeps { break; }
        }
    }
}
