use super::{BLOCK, SourceFile};

#[test]
fn columns_of_long_lines_are_counted_as_those_of_short_ones() {
    let long = "x\n".to_owned() + &"aé日🙂".repeat(BLOCK);
    let file = SourceFile::new("a.yaml", long.as_str());
    let near_blocks =
        (1..10).flat_map(|block| (-9..9).map(move |near| (block * BLOCK as i64) + near));
    for byte in near_blocks.chain([2, 3, long.len() as i64]) {
        let byte = long.floor_char_boundary(byte as usize);
        let position = file.position(byte as u32);
        assert_eq!(position.column, long[2..byte].chars().count() + 1, "{byte}");
        assert_eq!((position.line, position.byte), (2, byte));
    }
    let whole = "b".repeat(BLOCK);
    assert_eq!(
        SourceFile::new("a", whole).position(BLOCK as u32).column,
        BLOCK + 1
    );
}

#[test]
fn a_text_that_was_left_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.yaml");
    let read = || {
        let bytes = std::fs::read(&path).unwrap();
        let file = SourceFile::decode("a.yaml", bytes).unwrap();
        let mut file = file.kept_in(&path);
        file.leave();
        file
    };
    std::fs::write(&path, b"\xEF\xBB\xBFa: 1\nb: 2\n").unwrap();
    let file = read();
    assert_eq!((file.text(), file.line_of(5)), ("a: 1\nb: 2\n", 1));
    assert!(!file.has_changed());
    let mut file = read();
    file.leave();
    std::fs::write(&path, "a: 1\nb: 3\n").unwrap();
    assert!(!file.has_changed(), "nobody has looked");
    assert_eq!(file.text(), "a: 1\nb: 3\n");
    assert!(file.has_changed());
    let gone = read();
    std::fs::remove_file(&path).unwrap();
    assert_eq!((gone.text(), gone.line_of(5)), ("", 0));
    assert!(gone.has_changed());
}

#[test]
fn a_text_that_is_kept_is_not_left() {
    let mut file = SourceFile::new("a.yaml", "a: 1").kept_in("/nowhere");
    file.keep();
    file.leave();
    assert_eq!(file.text(), "a: 1");
    let mut other = SourceFile::new("a.yaml", "a: 1").kept_in("/nowhere");
    other = other.with_text("b: 1");
    other.leave();
    assert_eq!(other.text(), "b: 1");
}

#[test]
fn a_file_is_encoded_as_it_was() {
    for bytes in [
        b"a: 1\r\n".as_slice(),
        b"\xEF\xBB\xBFa: \xC3\xA9",
        b"\xFF\xFEa\0:\0\x3D\xD8\x00\xDE",
        b"\xFE\xFF\0a\0:",
    ] {
        let file = SourceFile::decode("a.yaml", bytes).unwrap();
        assert_eq!(file.encode(), bytes);
        let other = file.with_text("b");
        assert_eq!(
            SourceFile::decode("a.yaml", other.encode()).unwrap().text(),
            "b"
        );
    }
}

#[test]
fn a_sum_changes_with_every_byte_and_with_their_order() {
    let text = "name: hv01 # ".repeat(40);
    let sum = crate::source::sum;
    let mut sums = std::collections::HashSet::from([sum(&text)]);
    for at in 0..text.len() {
        let changed = [&text[..at], "~", &text[at + 1..]].concat();
        assert!(sums.insert(sum(&changed)), "{at}");
        assert!(sums.insert(sum(&text[..at])), "{at}");
    }
    let (left, right) = ("a".repeat(128), "b".repeat(128));
    assert_ne!(
        sum(&[&*left, &right].concat()),
        sum(&[right, left].concat())
    );
}
