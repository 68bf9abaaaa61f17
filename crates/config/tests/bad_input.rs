//! Whatever the text is: read, and said what is wrong. The body is that of the fuzz target.

#[path = "../../../fuzz/bodies/config.rs"]
mod body;

use proptest::prelude::*;

/// Parts of configurations, put together at random.
const PARTS: [&str; 40] = [
    "global:\n",
    "  scrape_interval: 15s\n",
    "scrape_configs:\n",
    "  - job_name: a\n",
    "  - job_name: 'b c'\n",
    "    static_configs:\n",
    "      - targets: ['x:1', \"y:2\"]\n",
    "        labels: {env: test}\n",
    "    relabel_configs:\n",
    "      - source_labels: [__address__]\n",
    "        regex: '(.*):.*'\n",
    "        target_label: host\n",
    "        action: hashmod\n",
    "        modulus: 8\n",
    "    basic_auth:\n",
    "      password: hunter2\n",
    "      username: me\n",
    "    authorization: {credentials: x}\n",
    "    params: {token: [a], b: []}\n",
    "    dns_sd_configs: [{names: [a], type: A, port: 1}]\n",
    "    http_sd_configs: [{url: 'http://a:b@c/d'}]\n",
    "    file_sd_configs: [{files: ['x/*.json']}]\n",
    "    sample_limit: 1_000\n",
    "    body_size_limit: 1MB\n",
    "    honor_labels: yes\n",
    "  &x ",
    "  *x ",
    "<<: *x\n",
    "|\n  a\n   b\n",
    ">-\n",
    "\"\\u00e9\"",
    "'",
    "\"",
    "[",
    "]",
    "{",
    "}",
    "\t",
    "# c\n",
    "---\n",
];

proptest! {
    #[test]
    fn parts_in_any_order(parts in prop::collection::vec(prop::sample::select(PARTS.to_vec()), 0..30)) {
        body::run(&parts.concat());
    }

    #[test]
    fn any_text(text in "\\PC{0,80}|[ \\n:\\-'\"\\[\\]{}&*!|>%@`#,a-c]{0,60}") {
        body::run(&text);
    }

    #[test]
    fn a_good_text_with_a_piece_missing(from in 0usize..600, n in 0usize..12) {
        let text = super::cases::WHOLE;
        let from = text.floor_char_boundary(from.min(text.len()));
        let to = text.ceil_char_boundary((from + n).min(text.len()));
        body::run(&format!("{}{}", &text[..from], &text[to..]));
    }
}
