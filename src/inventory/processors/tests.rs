use proptest::prelude::*;

use super::*;

const UNKNOWN: &str = "";

fn said(model: &str) -> String {
    identify(model).map_or_else(String::new, |known| {
        format!("{} {}", known.vendor, known.generation)
    })
}

/// Spellings beyond the table's own examples. One line a generation, `""` is unknown.
#[rustfmt::skip]
const SPELLINGS: &[(&str, &[&str])] = &[
    ("intel nehalem", &[
        "Intel(R) Xeon(R) CPU           E5520  @ 2.27GHz", "X5550", "L5530", "W5580", "Xeon W3580", "X3480",
        "Intel Xeon L3426", "Xeon E7520", "Xeon L7555", "Intel Xeon X6550", "EC3539", "LC5528", "nehalem", "Nehalem-IBRS",
        "Nehalem-v2", "Intel(R) Xeon(R) CPU X5570 @ 2.93GHz, 2933 Mhz, 4 Core(s), 8 Logical Processor(s)",
    ]),
    ("intel westmere", &[
        "Intel(R) Xeon(R) CPU           X5650  @ 2.67GHz", "intel xeon x5690", "Xeon E5645", "L5640", "W3680", "Intel Xeon L3406",
        "E7- 4870", "E7-4870", "Xeon E7-2803", "Intel(R) Xeon(R) CPU E7- 8837  @ 2.67GHz", "Westmere-IBRS-v2", "Westmere",
    ]),
    ("intel sandy-bridge", &[
        "E31275", "Intel(R) Xeon(R) CPU E31230 @ 3.20GHz", "E3-1275", "E3-1220", "E5-2670", "E5-2670 0", "E5-2687W 0",
        "Intel(R) Xeon(R) CPU E5-2650 0 @ 2.00GHz", "Intel® Xeon® Processor E5-4650L", "E5-1428L", "Intel Xeon E5-2403 0 @ 1.80GHz",
        "2x Intel Xeon E5-2690", "SandyBridge-IBRS", "sandybridge", "Intel Xeon E312xx (Sandy Bridge)",
    ]),
    ("intel ivy-bridge", &[
        "E5-2670 v2", "E5-2670v2", "E5-2670V2", "E5-2670-v2", "Intel(R) Xeon(R) CPU E3-1230 V2 @ 3.30GHz", "E3-1105C v2",
        "Xeon E7-8893 v2", "E5-2658  v2", "IvyBridge-IBRS-v1", "Intel Xeon E3-12xx v2 (Ivy Bridge, IBRS)",
    ]),
    ("intel haswell", &[
        "E5-2680 v3", "Intel Xeon E5-2620v3 2.40GHz", "E5-2618Lv3", "E3-1268L-v3", "Xeon E7-4809 v3", "Haswell-noTSX-IBRS",
        "Haswell-noTSX", "Haswell-v4", "Intel Core Processor (Haswell)", "Intel Core Processor (Haswell, no TSX)",
    ]),
    ("intel broadwell", &[
        "E5-2680 v4", "Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", "2 x Intel(R) Xeon(R) CPU E5-2699 v4 @ 2.20GHz", "E7-8890 v4",
        "E3-1285 v4", "Xeon D-1518", "D-1541", "D-1649N", "Broadwell-noTSX", "BROADWELL-IBRS", "Intel Core Processor (Broadwell, no TSX)",
    ]),
    ("intel skylake-client", &[
        "E3-1275 v5", "E3-1585L v5", "Skylake-Client", "Skylake-Client-noTSX-IBRS", "Skylake-Client-v4", "Intel Core Processor (Skylake)",
    ]),
    ("intel kaby-lake", &["Intel(R) Xeon(R) CPU E3-1230 v6 @ 3.50GHz", "E3-1535M v6"]),
    ("intel coffee-lake", &["Xeon E-2176M", "E-2288G", "Intel(R) Xeon(R) E-2224 CPU @ 3.40GHz", "E-2276ME"]),
    ("intel comet-lake", &["W-1250", "Intel Xeon W-1290TE", "W-10855M"]),
    ("intel rocket-lake", &["Intel Xeon E-2314", "W-1350P", "E-2378G"]),
    ("intel tiger-lake", &["W-11555MLE", "W-11155MRE", "Xeon W-11855M"]),
    ("intel raptor-lake", &["Intel Xeon E-2436", "E-2414"]),
    ("intel skylake", &[
        "Gold 5120", "Intel Xeon Gold 6154", "Gold 6138P", "Platinum 8124M", "Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz", "Bronze 3104",
        "Silver 4108", "Silver 4116T", "xeon gold 6126", "W-2123", "D-2146NT", "Xeon-Gold 6130", "Skylake-Server", "Skylake-Server-IBRS-noTSX-v2",
        "Skylake-Server-noTSX-IBRS", "Skylake-Server-v5", "Intel Xeon Processor (Skylake)", "Intel Xeon Processor (Skylake, IBRS), 2993 Mhz, 8 Core(s)", "Intel Xeon Processor (Skylake, IBRS, no TSX)",
    ]),
    ("intel cascade-lake", &[
        "Xeon Gold 6248", "Gold 6248", "Intel Xeon Gold 6248R", "Gold 6240Y", "Gold 6238L", "Gold 6209U", "Gold 6252N", "Gold 5220S",
        "Silver 4210T", "Intel(R) Xeon(R) Platinum 8272CL CPU @ 2.60GHz", "Platinum 8269CY", "Platinum 9282", "W-3275M", "W-2245",
        "Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz, 2494 Mhz, 20 Core(s), 40 Logical Processor(s)", "Intel Xeon Scalable Gold 6226",
        "Cascadelake-Server", "Intel Xeon Processor (Cascadelake), 2993 Mhz, 8 Core(s)", "Cascadelake-Server-noTSX", "cascadelake-server-v4", "Intel® Xeon® Gold 6230 Processor", "4 x Xeon Platinum 8260",
        "Intel Xeon-Gold 6248 (2.5GHz/20-core/150W)",
    ]),
    ("intel cooper-lake", &["Platinum 8380HL", "Gold 5318H", "Gold 6348H", "Xeon Platinum 8353H", "Platinum 8369HB", "Platinum 8369HC", "Cooperlake-v2"]),
    ("intel ice-lake", &[
        "Platinum 8380", "Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz", "Silver 4310T", "Gold 5315Y", "Platinum 8375C", "Gold 6338 (32C/64T, 2.00GHz)",
        "Gold 6354 3.0 GHz", "D-2733NT", "W-3335", "D-1736", "Icelake-Server", "Icelake-Server-noTSX", "Icelake-Server-v6",
    ]),
    ("intel sapphire-rapids", &[
        "Bronze 3508U", "Silver 4509Y", "Silver 4510", "Xeon Silver 4510T", "Intel Xeon Silver 4510 2.4GHz",
        "Platinum 8490H", "Gold 6448H", "Gold 5415+", "Platinum 8488C", "Silver 4410Y", "Xeon Max 9480", "Max 9468", "Intel(R) Xeon(R) w9-3595X",
        "w3-2423", "Intel(R) Xeon(R) w7-3465X", "SapphireRapids-v3", "SapphireRapids",
    ]),
    ("intel emerald-rapids", &["Gold 6530", "Silver 4514Y", "Silver 4516Y+", "INTEL(R) XEON(R) PLATINUM 8573C", "Gold 5515+", "Platinum 8558P"]),
    ("intel granite-rapids", &[
        "Xeon 6 6787P", "Xeon 6530P", "6787P", "Intel Xeon 6972P", "Intel(R) Xeon(R) 6507P", "6726P-B", "Xeon 6 6553P-B", "GraniteRapids-v2",
    ]),
    ("intel sierra-forest", &["Intel Xeon 6 6766E", "6710E", "SierraForest-v1"]),
    ("intel clearwater-forest", &["ClearwaterForest"]),
    ("intel diamond-rapids", &["DiamondRapids-v1"]),
    ("intel ice-lake-client", &["Icelake-Client-noTSX"]),
    ("intel snow-ridge", &["Snowridge-v4"]),
    ("intel denverton", &["Denverton-v3"]),
    ("intel knights-mill", &["KnightsMill"]),
    ("intel penryn", &["Penryn"]),
    ("intel conroe", &["conroe-v1"]),
    ("amd k8", &["Opteron 148", "AMD Opteron(tm) Processor 252", "Opteron 852", "Opteron 1218 HE", "Dual Core AMD Opteron(tm) Processor 270 HE", "Opteron 8222 SE", "Opteron_G1", "opteron_g2-v1"]),
    ("amd k10", &["Quad-Core AMD Opteron(tm) Processor 2350", "Opteron 1385", "AMD Opteron(tm) Processor 4170 HE", "Opteron 8435", "AMD Opteron 6128", "Opteron_G3"]),
    ("amd bulldozer", &["AMD Opteron 3280", "Opteron 4280", "AMD Opteron(TM) Processor 6212                 ", "Opteron_G4"]),
    ("amd piledriver", &["AMD Opteron 3380", "AMD Opteron(tm) Processor 4386", "Opteron 6328", "Opteron_G5-v1"]),
    ("amd jaguar", &["AMD Opteron X1150"]),
    ("amd excavator", &["Opteron X3216"]),
    ("amd naples", &["EPYC", "epyc-v2", "EPYC-IBPB", "AMD EPYC 7601 32-Core Processor", "EPYC 7371", "AMD EPYC Embedded 7401P"]),
    ("amd rome", &["EPYC 7742", "AMD EPYC 7402P 24-Core Processor", "AMD EPYC 7R32", "EPYC 7F72", "EPYC 7H12", "AMD EPYC 7V12 64-Core Processor", "EPYC-Rome-v5"]),
    ("amd milan", &["EPYC 72F3", "AMD EPYC 7R13 Processor", "EPYC 7373X", "AMD EPYC 7763 64-Core Processor (64C/128T)", "EPYC-Milan-v3", "2x AMD EPYC 7543 2.8GHz"]),
    ("amd bergamo", &["EPYC 9754", "EPYC 9734", "AMD EPYC 9754S"]),
    ("amd genoa", &["AMD EPYC 9654 96-Core Processor", "EPYC 9684X", "EPYC 9474F", "AMD EPYC 9V74 80-Core Processor", "EPYC-Genoa"]),
    ("amd siena", &["AMD EPYC 8534P 64-Core Processor", "EPYC 8024PN"]),
    ("amd turin", &["AMD EPYC 9575F 64-Core Processor", "EPYC 9845", "EPYC 9135", "EPYC-Turin"]),
    ("amd raphael", &["EPYC 4464P"]),
    ("amd grado", &["AMD EPYC 4345P"]),
    ("amd snowy-owl", &["AMD EPYC Embedded 3101", "EPYC 3351"]),
    (UNKNOWN, &[
        "", " ", "@", "()", "(", ",", "Intel", "AMD", "Xeon", "Intel(R) Xeon(R) CPU @ 2.20GHz", "Genuine Intel(R) CPU 0000%@",
        // Two things at once, or not enough to tell.
        "5120", "Xeon 5120", "Intel Xeon 6530", "AMD EPYC", "AMD EPYC Processor", "7742", "E6540", "E7500", "E5500", "Pentium E5500",
        // No such version, digit or tier.
        "E5-2680 v5", "E7-8890 v5", "E3-1270 v7", "Silver 4018", "Gold 4210", "Silver 6248", "Platinum 9142", "Gold 6648", "Gold 6748", "Gold 6848",
        "Gold 6948", "Gold 6048", "Gold 62480", "Gold 6248 v2", "E5-2680 v44", "Bronze 4210", "Xeon 6587E", "6955P-A",
        // Another maker says so.
        "AMD Xeon Gold 6248", "Intel EPYC 7742", "Xeon Opteron 6276", "AMD Skylake-Server",
        // EPYC and Opteron beyond the table.
        "9V33X", "9V74", "EPYC 9V33X", "EPYC 9654-X", "EPYC 8535P", "EPYC 7744", "EPYC 7745", "AMD EPYC Embedded 2334", "EPYC 77422", "Opteron A1170",
        "Opteron 5376", "Opteron", "AMD Eng Sample: 100-000000053",
        // Other processors.
        "KX-U6780A", "ZHAOXIN KaiSheng KH-20000", "Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "Intel(R) Core(TM)2 Duo CPU E7500 @ 2.93GHz",
        "Intel(R) Pentium(R) Dual-Core CPU E5500 @ 2.80GHz", "Intel(R) Pentium(R) Gold 5405U CPU @ 2.30GHz", "Athlon Gold 3150U", "AMD Ryzen 9 7950X 16-Core Processor",
        "Intel(R) Atom(TM) CPU C3758 @ 2.20GHz", "Intel(R) Xeon Phi(TM) CPU 7250 @ 1.40GHz", "Hygon C86 7185 32-core Processor", "Neoverse-N1", "POWER9",
        "Intel(R) Xeon(R) CPU           E5405  @ 2.00GHz", "Xeon X3220", "Intel Xeon 7140M", "Xeon X7350", "Xeon L5420", "Xeon W5650",
        // QEMU names that say nothing, or are not exactly one.
        "host", "host-passthrough", "host-model", "max", "base", "qemu64", "qemu32", "kvm64", "kvm32", "cpu64-rhel6", "486", "pentium3", "coreduo",
        "core2duo", "n270", "athlon", "phenom", "Dhyana", "Dhyana-v2", "arm_cortex-a53", "ppc64_POWER8", "Skylake", "Icelake", "Skylake-Server-v10",
        "Skylake-Server-v0", "Skylake-Server-foo", "EPYC-Foo", "-v1", "-IBRS", "Intel Core Processor (Cascadelake)", "Intel Xeon Processor (Nothing)",
    ]),
];

#[test]
fn spellings() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (expected, models) in SPELLINGS {
        for model in *models {
            tried += 1;
            let said = said(model);
            if said != *expected {
                wrong.push(format!("{model:?}: said {said:?}, expected {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 150, "{tried}");
}

#[test]
fn every_pattern_matches_its_example_and_its_row_answers() {
    for row in TABLE.iter() {
        let expected = format!("{} {}", row.vendor, row.generation);
        for (pattern, example) in &row.models {
            let model = Model::read(example).unwrap();
            assert!(
                model.fits(pattern),
                "`{pattern}` does not match {example:?}, read as {:?}",
                model.rest
            );
            assert_eq!(said(example), expected, "{example:?}");
        }
        for name in &row.qemu {
            for suffixes in ["", "-v3", "-IBRS", "-noTSX-IBRS", "-IBRS-noTSX-v2"] {
                assert_eq!(said(&format!("{name}{suffixes}")), expected);
            }
        }
    }
}

#[test]
fn rows_contradict_each_other_only_as_declared_exceptions() {
    let all = || TABLE.iter().enumerate();
    for (at, row) in all() {
        let contradicts =
            |other: &Row| (other.vendor, &other.generation) != (row.vendor, &row.generation);
        for example in row.models.values() {
            let model = Model::read(example).unwrap();
            for (other_at, other) in
                all().filter(|(_, other)| contradicts(other) && other.covers(&model))
            {
                assert!(
                    at < other_at && row.before.as_ref() == Some(&other.generation),
                    "{example:?} is {} and {}",
                    row.generation,
                    other.generation
                );
            }
        }
        if let Some(general) = &row.before {
            assert!(
                all().any(|(other_at, other)| at < other_at && other.generation == *general),
                "no {general} below"
            );
        }
    }
}

#[test]
fn rows_are_well_formed() {
    for row in TABLE.iter() {
        assert_eq!(normalise_generation(&row.generation), row.generation);
        assert!(!row.source.is_empty());
        for pattern in row.models.keys() {
            let (_, behind_stars) = pattern.split_once('*').unwrap_or_default();
            assert!(
                behind_stars.is_empty() || behind_stars.starts_with(' '),
                "`{pattern}`: * takes letters and never gives one back"
            );
            assert!(
                !["amd", "intel", "cpu"]
                    .contains(&pattern.to_lowercase().split(' ').next().unwrap())
            );
        }
    }
}

#[test]
fn long_text_is_no_model() {
    let start = std::time::Instant::now();
    assert_eq!(identify(&"Gold 6248 ".repeat(100_000)), None);
    assert_eq!(identify(&format!("Gold 6248{}", " ".repeat(1 << 20))), None);
    assert!(start.elapsed() < std::time::Duration::from_secs(1));
    assert_eq!(
        said(&format!("{}Gold 6248", " ".repeat(100))),
        "intel cascade-lake"
    );
}

#[test]
fn generations_are_compared_in_one_spelling() {
    for written in [
        "cascade-lake",
        "Cascade Lake",
        "CASCADE_LAKE",
        " cascade  lake ",
    ] {
        assert_eq!(normalise_generation(written), "cascade-lake");
    }
    assert_eq!(normalise_generation(""), "");
}

proptest! {
    #[test]
    fn identify_never_panics(model in any::<String>()) {
        let _ = identify(&model);
    }

    #[test]
    fn identify_never_panics_on_pieces_of_models(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "Intel", "(R)", "Xeon", " ", "-", "v", "4", "E5-", "2680", "Gold ", "6248", "H", "@", "(", ")", ",", "GHz", "2x",
                "EPYC", "-v2", "-IBRS", "ß", "İ", "™", "×", "Core", "0", "+", "Dual", "*", "[", "x", "?",
            ]),
            0..12,
        )
    ) {
        let _ = identify(&pieces.concat());
    }

    #[test]
    fn case_and_blanks_say_nothing(row in 0..TABLE.len(), blanks in 1..4_usize) {
        for example in TABLE[row].models.values() {
            let spaced = example.replace(' ', &" ".repeat(blanks));
            prop_assert_eq!(identify(example), identify(&spaced.to_uppercase()));
            prop_assert_eq!(identify(example), identify(&spaced.to_lowercase()));
        }
    }
}
