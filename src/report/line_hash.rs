//! Hashes of lines as GitHub makes them to know an alert again when lines move:
//! `primaryLocationLineHash`.
//!
//! The algorithm is that of `src/fingerprints.ts` in github/codeql-action, which computes the same
//! when a report is uploaded, and warns where a report says otherwise.

use std::collections::HashMap;

/// How many characters from the start of a line on a hash is made of.
const BLOCK: usize = 100;
const FACTOR: u64 = 37;
/// Stands behind the last character, before zeros.
const END: u16 = u16::MAX;

/// The hash of each line of a file's bytes, with a number that tells equal ones apart.
///
/// A hash is a polynomial in the UTF-16 units from the start of the line on, across line breaks:
/// spaces and tabs are left out, and every line break is one `\n`.
pub(super) fn line_hashes(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let (units, starts) = without_space(&text);
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let hash = |start: usize| {
        let block = units[start..].iter().copied();
        let padded = block.chain(std::iter::repeat(0)).take(BLOCK);
        let hash = padded.fold(0_u64, |hash, unit| {
            hash.wrapping_mul(FACTOR).wrapping_add(u64::from(unit))
        });
        let count = seen.entry(hash).or_default();
        *count += 1;
        format!("{hash:x}:{count}")
    };
    starts.into_iter().map(hash).collect()
}

/// The units that count, and where lines start in them.
fn without_space(text: &str) -> (Vec<u16>, Vec<usize>) {
    let (space, tab) = (u16::from(b' '), u16::from(b'\t'));
    let (feed, carriage) = (u16::from(b'\n'), u16::from(b'\r'));
    let mut units = Vec::with_capacity(text.len() + 1);
    let mut starts = Vec::new();
    let mut at_start = true;
    let mut before = None;
    for unit in text.encode_utf16().chain([END]) {
        let ends_carriage = before.replace(unit) == Some(carriage) && unit == feed;
        if unit == space || unit == tab || ends_carriage {
            continue;
        }
        if at_start {
            starts.push(units.len());
        }
        units.push(if unit == carriage { feed } else { unit });
        at_start = unit == feed || unit == carriage;
    }
    (units, starts)
}

#[cfg(test)]
mod tests {
    use super::line_hashes;

    fn hashes(text: &str) -> Vec<String> {
        line_hashes(text.as_bytes())
    }

    /// What github/codeql-action is tested with.
    #[test]
    fn the_hashes_are_those_of_github() {
        assert_eq!(hashes(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            hashes(" a\nb\n  \t\tc\n d"),
            [
                "271789c17abda88f:1",
                "54703d4cd895b18:1",
                "180aee12dab6264:1",
                "a23a3dc5e078b07b:1"
            ]
        );
        assert_eq!(
            hashes(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End"),
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1"
            ]
        );
        let ended = [
            "e9496ae3ebfced30:1",
            "fb7c023a8b9ccb3f:1",
            "ce8ba1a563dcdaca:1",
            "e20e36e16fcb0cc8:1",
            "b3edc88f2938467e:1",
            "c8e28b0b4002a3a0:1",
            "c129715d7a2bc9a3:1",
        ];
        for text in [
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
            " hello; \t\rworld!!!\r\r\r  \t\tGreetings\r End\r",
            " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
            " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
        ] {
            assert_eq!(hashes(text), ended, "{text:?}");
        }
        assert_eq!(
            hashes(&"Lorem ipsum dolor sit amet.\n".repeat(10)),
            [
                "a7f2ff13bc495cf2:1",
                "a7f2ff13bc495cf2:2",
                "a7f2ff13bc495cf2:3",
                "a7f2ff13bc495cf2:4",
                "a7f2ff13bc495cf2:5",
                "a7f2ff13bc495cf2:6",
                "a7f2ff1481e87703:1",
                "a9cf91f7bbf1862b:1",
                "55ec222b86bcae53:1",
                "cc97dc7b1d7d8f7b:1",
                "c129715d7a2bc9a3:1"
            ]
        );
    }

    #[test]
    fn a_line_feed_behind_a_space_is_a_break_of_its_own() {
        assert_eq!(hashes("a\r \nb").len(), 3);
        assert_eq!(hashes("a\r\nb").len(), 2);
    }
}
