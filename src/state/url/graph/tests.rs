//! Looks of a graph to parameters and back; parameters that say nothing.
use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn written(state: &GraphState) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    state.encode(&mut |name, value| pairs.push((name.to_owned(), value.to_owned())));
    pairs
}

fn read(pairs: &[(&str, &str)]) -> GraphState {
    GraphState::decode(&|name| pairs.iter().find(|(one, _)| *one == name).map(|(_, value)| *value))
}

fn check(state: &GraphState, want: &Expect) {
    let pairs = written(state);
    want.assert_eq(&pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("\n"));
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(read(&pairs), *state);
}

#[test]
fn every_option_has_its_word() {
    check(&GraphState::default(), &expect!["display_mode=lines"]);
    let state = GraphState {
        form: Form::Steps,
        scale: ScaleKind::SymLog,
        y: AxisRange::Fixed { min: Some(-0.5), max: Some(1e21) },
        unit: Some(Unit::Bytes),
        also: vec!["up".to_owned(), String::new()],
        previous_ms: Some(86_400_000),
        shows_exemplars: true,
        shows_marks: true,
        legend: "{{job}} & more".to_owned(),
    };
    check(
        &state,
        &expect![[r#"
            expr1=up
            expr2=
            display_mode=steps
            y_scale=symlog
            y_axis_min=-0.5
            y_axis_max=1000000000000000000000
            unit=bytes
            previous=1d
            show_exemplars=1
            events=1
            legend={{job}} & more"#]],
    );
}

#[test]
fn an_axis_from_zero_is_not_one_that_is_cut_off_there() {
    let of = |y| GraphState { y, ..GraphState::default() };
    check(
        &of(AxisRange::FromZero),
        &expect![[r#"
        display_mode=lines
        y_axis_min=0"#]],
    );
    check(
        &of(AxisRange::Fixed { min: Some(0.0), max: None }),
        &expect![[r#"
        display_mode=lines
        y_axis_min=0.0"#]],
    );
}

#[test]
fn what_says_nothing_is_left_out() {
    assert_eq!(
        read(&[
            ("display_mode", "pie"),
            ("y_scale", "cubic"),
            ("y_axis_min", "low"),
            ("y_axis_max", "NaN"),
            ("unit", "apples?"),
            ("previous", "-1d"),
            ("show_exemplars", "yes"),
            ("events", ""),
            ("expr2", "after a gap"),
        ]),
        GraphState::default()
    );
    assert_eq!(read(&[("y_axis_min", "5"), ("y_axis_max", "5")]).y, AxisRange::Fit);
    assert_eq!(read(&[("y_axis_min", "7"), ("y_axis_max", "5")]).y, AxisRange::Fit);
    assert_eq!(read(&[("y_axis_max", "0")]).y, AxisRange::Fixed { min: None, max: Some(0.0) });
    assert_eq!(read(&[("stacked", "1")]).form, Form::Stacked, "as older pages of Prometheus wrote it");
}

#[test]
fn only_what_the_form_can_use_is_asked_for() {
    let all =
        GraphState { previous_ms: Some(1_000), shows_exemplars: true, shows_marks: true, ..GraphState::default() };
    for (form, _) in FORMS {
        let state = GraphState { form, scale: ScaleKind::Log, y: AxisRange::FromZero, ..all.clone() };
        let (extras, uses) = (state.extras(), Uses::of(form));
        assert_eq!((extras.previous_ms.is_some(), extras.exemplars), (uses.previous, uses.exemplars), "{form:?}");
        assert_eq!(state.used_scale() == ScaleKind::Log, uses.scale, "{form:?}");
        assert_eq!(state.used_range() == AxisRange::FromZero, uses.range, "{form:?}");
        assert!(extras.marks);
    }
}

#[test]
fn expressions_that_cannot_be_asked_leave_the_others_their_numbers() {
    let also = |exprs: &[&str]| {
        let also = exprs.iter().map(|expr| (*expr).to_owned()).collect();
        GraphState { also, ..GraphState::default() }.extras().also
    };
    assert_eq!(also(&["", "sum(", "up"]), ["", "", "up"]);
    assert_eq!(also(&["up", " ", "rate("]), ["up"]);
    assert_eq!(also(&[""]), [] as [&str; 0]);
}

fn any_range() -> impl Strategy<Value = AxisRange> {
    let end = || any::<f64>().prop_filter("finite", |v| v.is_finite());
    prop_oneof![
        Just(AxisRange::Fit),
        Just(AxisRange::FromZero),
        (proptest::option::of(end()), proptest::option::of(end()))
            .prop_map(|(min, max)| fixed(min, max).unwrap_or_default()),
    ]
}

proptest! {
    #[test]
    fn every_look_survives(
        form in 0..FORMS.len(),
        scale in 0..SCALES.len(),
        y in any_range(),
        unit in proptest::option::of(0..Unit::ALL.len()),
        also in proptest::collection::vec("\\PC{0,20}", 0..=MAX_ALSO),
        previous_ms in proptest::option::of(1_000i64..3_000_000_000_000),
        flags in any::<(bool, bool)>(),
        legend in "\\PC{0,30}",
    ) {
        let state = GraphState {
            form: FORMS[form].0,
            scale: SCALES[scale].0,
            y,
            unit: unit.map(|idx| Unit::ALL[idx]),
            also,
            previous_ms,
            shows_exemplars: flags.0,
            shows_marks: flags.1,
            legend,
        };
        let pairs = written(&state);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        prop_assert_eq!(read(&pairs), state);
    }

    #[test]
    fn no_text_breaks_the_reader(values in proptest::collection::vec("\\PC{0,12}", 12)) {
        let names = ["display_mode", "stacked", "y_scale", "y_axis_min", "y_axis_max", "unit", "previous", "events",
            "legend", "expr1", "expr2", "show_exemplars"];
        let pairs: Vec<(&str, &str)> = names.iter().copied().zip(values.iter().map(String::as_str)).collect();
        let state = read(&pairs);
        let pairs = written(&state);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        prop_assert_eq!(read(&pairs), state);
    }
}

#[test]
fn what_cannot_be_graphed_is_not_asked_and_keeps_its_place() {
    let also = ["up", "sum(", "", "up[5m]", "\"text\"", "1"].map(str::to_owned).into();
    let state = GraphState { also, ..GraphState::default() };
    assert_eq!(state.extras().also, ["up", "", "", "", "", "1"]);
}
