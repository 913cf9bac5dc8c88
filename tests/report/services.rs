//! What build services and other programs are told, in their own words.

use vmlint::diagnostic::{Finding, Severity};
use vmlint::report::{Format, Report, digest};

use crate::{Case, PLAIN, at, finding, summary, two_files};

/// So many errors, warnings and infos, mildest first.
fn many(errors: usize, warnings: usize, infos: usize) -> Case {
    let mut case = Case::default();
    let file = case.file("a.yaml", "x");
    for (severity, count) in [
        (Severity::Info, infos),
        (Severity::Warning, warnings),
        (Severity::Error, errors),
    ] {
        let one = finding("bad", severity, at(file, 0, 1), "bad");
        case.findings.extend(std::iter::repeat_n(one, count));
    }
    case
}

#[test]
fn github_says_how_many_it_does_not_show_where_that_is_shown() {
    let notice = |case: &Case| {
        let said = case.render(Format::Github, &PLAIN);
        let lines: Vec<&str> = said.lines().collect();
        let position = lines.iter().position(|it| it.contains("title=vmlint::"))?;
        let text = lines[position].rsplit("::").next().unwrap();
        Some((position, text.split(':').next().unwrap().to_owned()))
    };
    assert_eq!(notice(&many(10, 10, 10)), None);
    let told = |count: &str, of: usize| format!("{count} of {of} findings are in the log only");
    assert_eq!(notice(&many(11, 0, 0)), Some((11, told("1", 11))));
    assert_eq!(notice(&many(11, 13, 3)), Some((24, told("4", 27))));
    assert_eq!(notice(&many(0, 0, 11)), Some((0, told("2", 11))));
    assert_eq!(notice(&many(11, 0, 10)), Some((11, told("2", 21))));
}

#[test]
fn github_is_told_the_place_the_labels_and_what_to_do() {
    let case = two_files();
    assert_eq!(
        case.render(Format::Github, &PLAIN),
        "::error file=estate/plans/retire.yaml,line=11,endLine=11,col=11,endColumn=16,\
         title=cross-vendor-move::`retire-old-hosts` moves `sql01` live from `hv01` to `hv03`, whose \
         processor is of another vendor%0A\
         see estate/hosts/hv01.yaml:6:13: hv01 has an intel processor%0A\
         see estate/hosts/hv03.yaml:6:13: hv03 has an amd processor%0A\
         help: shut `sql01` down for this move (`mode: offline`), or choose a host with an intel \
         processor\n"
    );
}

#[test]
fn columns_are_left_out_where_there_are_several_lines() {
    let mut case = Case::default();
    let file = case.file("a.yaml", "ab\ncd");
    case.findings = vec![finding("bad", Severity::Info, at(file, 1, 4), "bad")];
    assert_eq!(
        case.render(Format::Github, &PLAIN),
        "::notice file=estate/a.yaml,line=1,endLine=2,title=bad::bad\n"
    );
}

#[test]
fn azure_is_told_all_in_a_line() {
    let mut case = two_files();
    case.findings[0].message = "50%; [x]".into();
    assert_eq!(
        case.render(Format::Azure, &PLAIN),
        "##vso[task.logissue type=error;sourcepath=plans/retire.yaml;linenumber=11;columnnumber=11;\
         code=cross-vendor-move;]estate/plans/retire.yaml:11:11: 50%AZP25; [x] (see \
         hosts/hv01.yaml:6, hosts/hv03.yaml:6); help: shut `sql01` down for this move (`mode: \
         offline`), or choose a host with an intel processor\n\
         ##vso[task.complete result=SucceededWithIssues;]\n"
    );
    let mild = many(0, 0, 1).render(Format::Azure, &PLAIN);
    assert_eq!(mild, "info[bad]: estate/a.yaml:1:1: bad\n");
}

#[test]
fn findings_that_cannot_be_told_apart_have_fingerprints_of_their_own() {
    let case = many(3, 0, 0);
    for format in [Format::Json, Format::Gitlab, Format::Sarif] {
        let said = case.render(format, &PLAIN);
        let first = case.findings[0].fingerprint("estate/a.yaml");
        for suffix in ["", "-2", "-3"] {
            let quoted = format!("\"{first}{suffix}\"");
            assert_eq!(said.matches(&quoted).count(), 1, "{quoted} in {said}");
        }
    }
}

#[test]
fn a_digest_ends_where_there_is_no_more_room() {
    let case = many(100, 0, 0);
    let summary = summary();
    let report = Report::plain(&case.findings, &case.sources, &summary);
    let whole = digest(&report, usize::MAX);
    assert_eq!(whole.matches("| error |").count(), 100);
    for most in [0, 150, 300, 1000, whole.len() - 1] {
        let cut = digest(&report, most);
        assert!(cut.len() <= most);
        let rows = cut.matches("| error |").count();
        let more = format!("\n{} findings more: see the log.", 100 - rows);
        assert!(cut.is_empty() || cut.contains(&more), "{cut}");
    }
}

#[test]
fn a_digest_holds_no_markup_of_the_estate() {
    let mut case = Case::default();
    let file = case.file("a|b.yaml", "x");
    let nasty = "<img src=x>|`x`\n[a](b) **c**";
    case.findings = vec![
        Finding::new("bad", Severity::Error, at(file, 0, 1), nasty)
            .with_label(at(file, 0, 1), nasty),
    ];
    let summary = summary();
    let report = Report::plain(&case.findings, &case.sources, &summary);
    let text = digest(&report, usize::MAX);
    let rows: Vec<&str> = text
        .lines()
        .filter(|it| it.starts_with("| error"))
        .collect();
    assert_eq!(rows.len(), 1);
    let without = rows[0].replace("<br>", "");
    let mut before = ' ';
    for c in without.chars() {
        assert!(before == '\\' || !"<>`[]*".contains(c), "{c} in {without}");
        before = if before == '\\' { ' ' } else { c };
    }
    // What ends a cell, four times, is of the table.
    assert_eq!(rows[0].replace("\\|", "").matches('|').count(), 4);
}
