//! Text and places in it.
//!
//! Owns the text of every file of a run and answers where a byte lies. Knows nothing of YAML. A
//! text that nobody needs for now may be left on disk.

mod read;
mod sources;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

pub(crate) use read::read_file;
pub use sources::Sources;

/// The largest file that is read: 64 MiB.
pub const MAX_BYTES: usize = 64 << 20;

/// A file of the run: an index into [`Sources`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(u32);

impl FileId {
    /// The file that is or will be at that position.
    pub(crate) fn at(index: usize) -> Self {
        FileId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The position of the file in [`Sources`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A half-open range of bytes in the decoded text of one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets. Files are limited to 64 MiB, so an offset that does not fit is
    /// a mistake of the caller and is clamped.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span {
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }

    /// The bytes as a range for slicing.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies within this span.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn join(self, other: Span) -> Span {
        Span {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A span in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// Where in it.
    pub span: Span,
}

/// A place as people count: lines and columns from 1, columns in characters, bytes from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode characters, from 1.
    pub column: usize,
    /// Byte in the file, from 0; a byte-order mark counts.
    pub byte: usize,
}

/// Why bytes are not text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// Not UTF-8, first at this byte.
    InvalidUtf8(usize),
    /// A UTF-16 byte-order mark, but not UTF-16 behind it.
    InvalidUtf16,
    /// A NUL byte, as in binary files, at this byte.
    Binary(usize),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::InvalidUtf8(at) => write!(f, "byte {at} is not UTF-8"),
            DecodeError::InvalidUtf16 => {
                write!(f, "it starts as UTF-16 but does not go on so")
            }
            DecodeError::Binary(at) => write!(f, "byte {at} is NUL, so this is no text"),
        }
    }
}

/// How the bytes of a file stand for text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Encoding {
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
}

/// The text of one file, decoded, without its byte-order mark.
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: Box<str>,
    /// Filled, but for what is left on disk until somebody asks for it.
    text: OnceLock<Arc<str>>,
    origin: Option<Origin>,
    encoding: Encoding,
    /// How many bytes the byte-order mark has.
    bom: u8,
    lines: OnceLock<Box<Lines>>,
}

/// Where the lines of a text are.
#[derive(Clone, Debug)]
struct Lines {
    /// Their starts, in bytes.
    starts: Vec<u32>,
    /// How many characters start before each block of [`BLOCK`] bytes.
    characters: OnceLock<Vec<u32>>,
}

/// Lines longer than this are counted by blocks, so that each of many places on one line is found in
/// the same time.
const BLOCK: usize = 4096;

/// How many characters start in some bytes.
fn starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// Where a text can be read again.
#[derive(Clone, Debug)]
struct Origin {
    file: PathBuf,
    /// The sum of the text, once it is left there.
    left: Option<u64>,
}

/// A number that changes with a text: quick, and no protection from somebody who wants two texts to
/// share it. Blocks of words are summed up, and so are these sums, which notices order, too (Fletcher,
/// "An arithmetic checksum for serial transmissions", 1982).
pub(crate) fn sum(text: &str) -> u64 {
    const LANES: usize = 8;
    let mix = |sum: u64, word: u64| {
        let mixed = (sum ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed ^ (mixed >> 32)
    };
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let (blocks, few) = words.as_chunks::<LANES>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let (mut sums, mut sums_of_sums) = ([0_u64; LANES], [0_u64; LANES]);
    for block in blocks {
        for lane in 0..LANES {
            sums[lane] = sums[lane].wrapping_add(u64::from_le_bytes(block[lane]));
            sums_of_sums[lane] = sums_of_sums[lane].wrapping_add(sums[lane]);
        }
    }
    let few = few
        .iter()
        .chain([&last])
        .map(|word| u64::from_le_bytes(*word));
    let seed = few.fold(text.len() as u64, mix);
    match blocks {
        [] => seed,
        _ => sums.into_iter().chain(sums_of_sums).fold(seed, mix),
    }
}

impl SourceFile {
    /// Wraps text that is already decoded. `path` is what reports print.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        SourceFile {
            path: path.into().into(),
            text: OnceLock::from(text.into()),
            origin: None,
            encoding: Encoding::Utf8,
            bom: 0,
            lines: OnceLock::new(),
        }
    }

    /// The same file, whose text can be read again from there.
    #[must_use]
    pub fn kept_in(self, file: impl Into<PathBuf>) -> Self {
        let origin = Origin {
            file: file.into(),
            left: None,
        };
        SourceFile {
            origin: Some(origin),
            ..self
        }
    }

    /// Keeps the text here, whatever becomes of the file.
    pub fn keep(&mut self) {
        let _ = self.text();
        self.origin = None;
    }

    /// Lets go of the text where it can be read again; it is when somebody asks for it.
    pub fn leave(&mut self) {
        let text = self.text.get().filter(|text| !text.is_empty());
        if let (Some(text), Some(origin)) = (text, &mut self.origin) {
            origin.left.get_or_insert_with(|| sum(text));
            self.text = OnceLock::new();
            self.lines = OnceLock::new();
        }
    }

    /// Whether the text was read again, and is not what it was.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        let left = self.origin.as_ref().and_then(|origin| origin.left);
        let again = self.text.get().filter(|_| left.is_some());
        again.is_some_and(|text| Some(sum(text)) != left)
    }

    /// The text as it is on disk now; empty where it is no text any more.
    fn read_again(&self) -> Arc<str> {
        let bytes = self.origin.as_ref().and_then(|origin| {
            let mut bytes = Vec::new();
            read_file(&origin.file, &mut bytes).ok()?;
            bytes.truncate(MAX_BYTES);
            Some(bytes)
        });
        let file = Self::decode("", bytes.unwrap_or_default()).ok();
        let text = file.and_then(|file| file.text.into_inner());
        text.unwrap_or_default()
    }

    /// The same file with another text.
    #[must_use]
    pub fn with_text(&self, text: impl Into<Arc<str>>) -> Self {
        SourceFile {
            text: OnceLock::from(text.into()),
            origin: None,
            lines: OnceLock::new(),
            ..self.clone()
        }
    }

    /// The same file under another path.
    #[must_use]
    pub fn called(self, path: impl Into<String>) -> Self {
        SourceFile {
            path: path.into().into(),
            ..self
        }
    }

    /// The bytes of the file: what [`SourceFile::decode`] made the text of.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let units = || std::iter::once(0xFEFF).chain(self.text().encode_utf16());
        match self.encoding {
            Encoding::Utf8 => {
                let mark: &[u8] = if self.bom > 0 { b"\xEF\xBB\xBF" } else { b"" };
                [mark, self.text().as_bytes()].concat()
            }
            Encoding::Utf16LittleEndian => units().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16BigEndian => units().flat_map(u16::to_be_bytes).collect(),
        }
    }

    /// Decodes UTF-8, or UTF-16 that starts with a byte-order mark.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are no text.
    pub fn decode(path: impl Into<String>, bytes: impl AsRef<[u8]>) -> Result<Self, DecodeError> {
        let bytes = bytes.as_ref();
        let utf16 = match bytes {
            [0xFF, 0xFE, ..] => Some((
                Encoding::Utf16LittleEndian,
                u16::from_le_bytes as fn([u8; 2]) -> u16,
            )),
            [0xFE, 0xFF, ..] => Some((
                Encoding::Utf16BigEndian,
                u16::from_be_bytes as fn([u8; 2]) -> u16,
            )),
            _ => None,
        };
        if let Some((encoding, unit)) = utf16 {
            let (pairs, rest) = bytes[2..].as_chunks::<2>();
            if !rest.is_empty() {
                return Err(DecodeError::InvalidUtf16);
            }
            let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
                .collect::<Result<_, _>>()
                .map_err(|_| DecodeError::InvalidUtf16)?;
            return Self::without_nul(path, &text, encoding, 0);
        }
        let text =
            str::from_utf8(bytes).map_err(|error| DecodeError::InvalidUtf8(error.valid_up_to()))?;
        match text.strip_prefix('\u{FEFF}') {
            Some(unmarked) => Self::without_nul(path, unmarked, Encoding::Utf8, 3),
            None => Self::without_nul(path, text, Encoding::Utf8, 0),
        }
    }

    fn without_nul(
        path: impl Into<String>,
        text: &str,
        encoding: Encoding,
        bom: u8,
    ) -> Result<Self, DecodeError> {
        match memchr::memchr(0, text.as_bytes()) {
            Some(at) => Err(DecodeError::Binary(at + usize::from(bom))),
            None => Ok(SourceFile {
                encoding,
                bom,
                ..SourceFile::new(path, text)
            }),
        }
    }

    /// The path as reports print it: relative, with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The decoded text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| self.read_again())
    }

    /// The text under a span; empty when the span does not fit the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text().get(span.range()).unwrap_or_default()
    }

    /// Looks for the lines of the text, and reads it for that where it was left on disk: what
    /// everybody does who asks for a place, and several threads can do ahead.
    pub fn find_lines(&self) {
        let _ = self.lines();
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.text().as_bytes());
            let behind = breaks.map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX));
            Box::new(Lines {
                starts: std::iter::once(0).chain(behind).collect(),
                characters: OnceLock::new(),
            })
        })
    }

    /// Starts of all lines, in bytes.
    fn line_starts(&self) -> &[u32] {
        &self.lines().starts
    }

    /// The line, from 0, that holds this byte.
    #[must_use]
    pub fn line_of(&self, byte: u32) -> usize {
        self.line_starts().partition_point(|start| *start <= byte) - 1
    }

    /// How many lines the text has, counting what follows the last line break.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts().len()
    }

    /// The bytes of a line (from 0), without its line break.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let starts = self.line_starts();
        let start = starts.get(line).copied().unwrap_or(u32::MAX) as usize;
        let end = starts
            .get(line + 1)
            .map_or(self.text().len(), |next| *next as usize - 1);
        let body = self.text().get(start..end).unwrap_or_default();
        Span::new(start, start + body.trim_end_matches('\r').len())
    }

    /// Where a byte of the decoded text lies, as people count.
    #[must_use]
    pub fn position(&self, byte: u32) -> Position {
        let byte = (byte as usize).min(self.text().len());
        let line = self.line_of(u32::try_from(byte).unwrap_or(u32::MAX));
        let start = self.line_starts()[line] as usize;
        let column = match byte - start {
            0..BLOCK => starts(self.text().as_bytes().get(start..byte).unwrap_or_default()),
            _ => self.characters_before(byte) - self.characters_before(start),
        };
        Position {
            line: line + 1,
            column: column + 1,
            byte: byte + usize::from(self.bom),
        }
    }

    /// How many characters start before a byte.
    fn characters_before(&self, byte: usize) -> usize {
        let text = self.text().as_bytes();
        let blocks = self.lines().characters.get_or_init(|| {
            let mut before = 0_u32;
            let count = |block: &[u8]| {
                let so_far = before;
                before += starts(block) as u32;
                so_far
            };
            text.chunks(BLOCK).map(count).collect()
        });
        let block = byte / BLOCK;
        match blocks.get(block) {
            Some(before) => {
                *before as usize + starts(text.get(block * BLOCK..byte).unwrap_or_default())
            }
            None => blocks.last().map_or(0, |before| {
                *before as usize + starts(&text[(blocks.len() - 1) * BLOCK..byte])
            }),
        }
    }

    /// A span cut at the end of its first line.
    #[must_use]
    pub fn first_line(&self, span: Span) -> Span {
        let end = self.line_span(self.line_of(span.start)).end;
        Span {
            start: span.start,
            end: span.end.min(end.max(span.start)),
        }
    }
}

#[cfg(test)]
mod tests;
