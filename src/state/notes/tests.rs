//! Lists of notes, what is stored of them, and the marks they make.

use super::draft::Field;
use super::*;

fn note(id: u64, at_ms: i64, end_ms: i64, text: &str) -> Note {
    Note { id, at_ms, end_ms, text: text.to_owned() }
}

fn texts(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|note| note.text.as_str()).collect()
}

#[test]
fn texts_are_one_line_of_bounded_length() {
    assert_eq!(cleaned("  deploy \n\t of\u{0} v2 "), "deploy of v2");
    assert_eq!(cleaned(" \n"), "");
    let long = cleaned(&"é".repeat(1_000));
    assert_eq!(long.chars().count(), MAX_CHARS);
    assert_eq!(cleaned("<img src=x onerror=alert(1)>"), "<img src=x onerror=alert(1)>", "shown as text only");
}

#[test]
fn whatever_is_stored_is_read_as_far_as_it_makes_sense() {
    let json = r#"[
        {"id":2,"at_ms":20,"end_ms":10,"text":"ends before it begins"},
        {"id":1,"at_ms":5,"end_ms":5,"text":"first"},
        {"id":1,"at_ms":6,"end_ms":6,"text":"a number twice"},
        {"id":3,"at_ms":6,"end_ms":6,"text":"  "},
        {"id":4,"at_ms":9223372036854775807,"end_ms":0,"text":"no time"},
        {"id":-5,"at_ms":1,"end_ms":1,"text":"no number"},
        "no note", null, 5
    ]"#;
    assert_eq!(read(json), [note(1, 5, 5, "first"), note(2, 20, 20, "ends before it begins")]);
    for json in ["", "{", "{}", "null", "5", "\"x\""] {
        assert_eq!(read(json), [], "{json}");
    }
    let many: Vec<Note> = (0..2_000).map(|id| note(id, id as i64, id as i64, "x")).collect();
    assert_eq!(read(&serde_json::to_string(&many).expect("JSON")).len(), MAX_NOTES);
}

#[test]
fn notes_stand_in_the_order_of_time() {
    let mut notes = Vec::new();
    for (id, at_ms, text) in [(0, 30, "c"), (1, 10, "a"), (2, 20, "b")] {
        put(&mut notes, note(id, at_ms, at_ms, text)).expect("room");
    }
    assert_eq!(texts(&notes), ["a", "b", "c"]);
    put(&mut notes, note(1, 40, 40, "later")).expect("room");
    assert_eq!(texts(&notes), ["b", "c", "later"]);
    assert_eq!(take(&mut notes, 0).map(|note| note.text), Some("c".to_owned()));
    assert_eq!(take(&mut notes, 0), None);
    assert_eq!(fresh_id(&notes), 3);
}

#[test]
fn a_full_list_takes_changes_but_no_new_note() {
    let mut notes: Vec<Note> = (0..MAX_NOTES as u64).map(|id| note(id, 0, 0, "x")).collect();
    assert_eq!(put(&mut notes, note(9_999, 0, 0, "one more")), Err(Full));
    assert_eq!(put(&mut notes, note(7, 0, 0, "changed")), Ok(()));
    assert_eq!(notes.len(), MAX_NOTES);
}

#[test]
fn numbers_are_never_given_twice() {
    assert_eq!(fresh_id(&[]), 0);
    assert_eq!(fresh_id(&[note(4, 0, 0, "x")]), 5);
    let id = fresh_id(&[note(u64::MAX, 0, 0, "x"), note(0, 0, 0, "y")]);
    assert_eq!(id, 1);
}

#[test]
fn a_graph_has_the_notes_of_its_range() {
    let notes =
        [note(0, 0, 5, "before"), note(1, 5, 15, "into it"), note(2, 20, 20, "within"), note(3, 31, 31, "after")];
    let marks = marks(&notes, 10, 30);
    assert_eq!(marks.iter().map(|mark| (mark.at_ms, mark.end_ms)).collect::<Vec<_>>(), [(5, 15), (20, 20)]);
    assert!(marks.iter().all(|mark| mark.kind == MarkKind::Note && mark.count == 1));
    assert_eq!(frame_of(&notes, 10, 30).marks, marks);
}

#[test]
fn a_draft_makes_a_note_or_says_what_is_wrong() {
    let draft = NoteDraft { text: " deploy ".to_owned(), ..NoteDraft::new(1_000, 601_000) };
    assert_eq!(draft.lasts, "10m");
    let check = |draft: &NoteDraft| draft.check(99_000, |civil| civil - 3_600_000);
    assert_eq!(check(&draft), Ok((1_000, 601_000)));
    let draft = NoteDraft { at: Some("1970-01-01 02:00".to_owned()), lasts: String::new(), ..draft };
    assert_eq!(check(&draft), Ok((3_600_000, 3_600_000)));
    assert_eq!(check(&NoteDraft { at: Some("now".to_owned()), ..draft.clone() }), Ok((99_000, 99_000)));
    let wrong = NoteDraft { at: Some("soon".to_owned()), lasts: "long".to_owned(), text: " ".to_owned(), ..draft };
    let fields: Vec<Field> = check(&wrong).expect_err("nothing of it").into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, [Field::Text, Field::At, Field::Lasts]);
    let again = NoteDraft::of(&note(7, 5, 5, "x"));
    assert_eq!((again.id, again.lasts.as_str(), check(&again)), (Some(7), "", Ok((5, 5))));
}
