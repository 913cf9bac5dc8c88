//! Sizes, bandwidths and lengths of time as people write and read them.
//!
//! The seam to the model's own parsers: whoever has better ones replaces the three bodies here.

/// Bytes: `512MiB`, `16Gi`, `16GB` (binary too, as in PowerShell) or a plain number.
pub(super) fn memory(text: &str) -> Option<i64> {
    let (number, unit) = split(text)?;
    let power = match unit {
        "" | "B" => 0,
        "Ki" | "KiB" | "KB" => 1,
        "Mi" | "MiB" | "MB" => 2,
        "Gi" | "GiB" | "GB" => 3,
        "Ti" | "TiB" | "TB" => 4,
        "Pi" | "PiB" | "PB" => 5,
        _ => return None,
    };
    number.checked_mul(1024_i64.pow(power))
}

/// Bits per second: `10Gbps`, `750MB/s`, `715MiB/s`.
pub(super) fn bandwidth(text: &str) -> Option<i64> {
    let (number, unit) = split(text)?;
    let factor = match unit {
        "bps" => 1,
        "Kbps" | "kbps" => 1_000,
        "Mbps" => 1_000_000,
        "Gbps" => 1_000_000_000,
        "Tbps" => 1_000_000_000_000,
        "KB/s" => 8_000,
        "MB/s" => 8_000_000,
        "GB/s" => 8_000_000_000,
        "KiB/s" => 8 << 10,
        "MiB/s" => 8 << 20,
        "GiB/s" => 8 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// Seconds, more than none: `2h30m`, `1d`, or ISO 8601 `PT2H30M`.
pub(super) fn duration(text: &str) -> Option<i64> {
    let iso = text.strip_prefix('P');
    let mut rest = iso.unwrap_or(text);
    let mut total = 0_i64;
    let mut smallest = i64::MAX;
    let mut in_time = iso.is_none();
    while !rest.is_empty() {
        if let (Some(time), false) = (rest.strip_prefix('T'), in_time) {
            (rest, in_time) = (time, true);
            if rest.is_empty() {
                return None;
            }
            continue;
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit = rest[digits..].chars().next()?;
        let lower = if iso.is_some() {
            unit.is_ascii_uppercase()
                .then(|| unit.to_ascii_lowercase())?
        } else {
            unit
        };
        let factor = match lower {
            'w' if iso.is_some() && !in_time => 604_800,
            'd' if iso.is_none() || !in_time => 86_400,
            'h' if in_time => 3_600,
            'm' if in_time => 60,
            's' if in_time => 1,
            _ => return None,
        };
        if factor >= smallest {
            return None;
        }
        smallest = factor;
        let number: i64 = rest[..digits].parse().ok()?;
        total = total.checked_add(number.checked_mul(factor)?)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    (total > 0).then_some(total)
}

fn split(text: &str) -> Option<(i64, &str)> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_the_resource_model_says() {
        assert_eq!(memory("16GiB"), Some(16 << 30));
        assert_eq!(memory("16GB"), Some(16 << 30));
        assert_eq!(memory("16Gi"), Some(16 << 30));
        assert_eq!(memory("7"), Some(7));
        assert_eq!(memory("7 GiB"), None);
        assert_eq!(memory("99999999PiB"), None);
        assert_eq!(bandwidth("10Gbps"), Some(10_000_000_000));
        assert_eq!(bandwidth("750MB/s"), Some(6_000_000_000));
        assert_eq!(bandwidth("1MiB/s"), Some(8 << 20));
        assert_eq!(bandwidth("10"), None);
        assert_eq!(duration("2h30m"), Some(9_000));
        assert_eq!(duration("PT2H30M"), Some(9_000));
        assert_eq!(duration("P1DT1H"), Some(90_000));
        assert_eq!(duration("1d"), Some(86_400));
        for wrong in ["", "0s", "P", "PT", "30m2h", "1x", "h", "P1H", "PT1h", "5"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
