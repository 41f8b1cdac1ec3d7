//! A catalog against the runbooks it was made of, and every kind of damage to it.

#![expect(clippy::disallowed_methods, reason = "the folders that it makes and changes are its own")]

use std::fs;

use jiff::Timestamp;

use super::*;
use crate::runbook::KnowledgeBase;

/// What is done, whether the names stay, and doing it.
type Change = (&'static str, bool, fn(&Path));

fn now() -> Timestamp {
    Timestamp::now()
}

fn page(number: usize) -> String {
    format!(
        "# Problem {number}\n\nThe frobnicator {number} is stuck.\n\n## Symptoms\n\n```text symptom\nunit{number} cannot frobnicate the thing\n```\n"
    )
}

/// A folder with pages, its key, and where its catalog is.
fn folder(pages: usize) -> (tempfile::TempDir, Key, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("runbooks");
    fs::create_dir(&folder).unwrap();
    for number in 0..pages {
        fs::write(folder.join(format!("problem-{number}.md")), page(number)).unwrap();
    }
    let key = Key { program: "this".into(), folders: vec![(Origin::Given, folder)] };
    let path = home.path().join("cache").join("a.index");
    (home, key, path)
}

fn bytes_of(key: &Key) -> Vec<u8> {
    let listings = key.list();
    let (files, _) = disk::read_runbooks(&key.folders[0].1);
    let files = files.into_iter().map(|file| (Arc::new(file), Origin::Given)).collect();
    let base = KnowledgeBase::from_sources(files);
    let signatures = SignatureSet::compile(&base);
    let sayings = Sayings { warnings: vec!["w".into()], broken: vec!["b".into()], disabled: 7 };
    // Seen from an hour later no stamp is too young to be trusted.
    let listed = now() + jiff::SignedDuration::from_hours(1);
    make(&Contents {
        key,
        listings: &listings,
        listed,
        sayings: &sayings,
        base: &base,
        signatures: &signatures,
    })
}

fn open(path: &Path, key: &Key, bytes: &[u8]) -> Option<Catalog> {
    disk::write_cache(path, bytes).unwrap();
    Catalog::open(path, key)
}

#[test]
fn it_says_what_the_runbooks_say() {
    let (_home, key, path) = folder(30);
    let catalog = open(&path, &key, &bytes_of(&key)).unwrap();
    assert_eq!((catalog.count(), catalog.files()), (30, 30));
    assert_eq!(
        catalog.sayings,
        Sayings { warnings: vec!["w".into()], broken: vec!["b".into()], disabled: 7 }
    );
    let signatures = catalog.signatures().unwrap();
    let mut hits = Vec::new();
    signatures.scan(b"x\nunit17 cannot frobnicate the thing\n", &mut |hit| {
        hits.push(signatures.places()[hit.signature as usize]);
    });
    let number = catalog.number(&RunbookId::new("problem-17").unwrap()).unwrap();
    assert_eq!(hits, [crate::signature::Place { runbook: number, symptom: 0, step: 0, alternative: 0 }]);
    assert_eq!(catalog.runbook(number).title, "Problem 17");
    assert_eq!(catalog.number(&RunbookId::new("problem-99").unwrap()), None);
    let found = crate::triage::library::Library::new(&catalog).search("frobnicator 17", 3);
    assert_eq!(found[0].title, "Problem 17");
    assert!(!catalog.damaged());
}

/// What is told of pages, what hits, and what words find.
type Told = (Vec<Written>, Vec<crate::signature::Place>, Vec<String>);

/// What two catalogs of the same texts must agree in; `None` when damage was found.
fn told(catalog: &Catalog) -> Option<Told> {
    let written = (0..catalog.count()).map(|number| catalog.written(number)).collect();
    let signatures = catalog.signatures()?;
    let log: String =
        (0..40).map(|n| format!("unit{n} cannot frobnicate the thing\nunit{n} is wedged now\n")).collect();
    let mut hits = Vec::new();
    signatures.scan(log.as_bytes(), &mut |hit| hits.push(signatures.places()[hit.signature as usize]));
    let library = crate::triage::library::Library::new(catalog);
    let found = ["stuck", "gremlin", "frobnicator 17", "quorum"].map(|words| library.search(words, 50));
    let mut found: Vec<String> = found.into_iter().flatten().map(|found| found.title).collect();
    found.sort();
    let titles = (0..catalog.count()).map(|number| &catalog.runbook(number).title);
    found.extend(titles.cloned());
    (catalog.is_fresh() && !catalog.damaged()).then_some((written, hits, found))
}

fn says(catalog: &Catalog) -> Told {
    told(catalog).unwrap()
}

fn renewed(catalog: &Catalog, key: &Key) -> Option<Renewed> {
    let listings = key.list();
    renew(catalog, &listings, now() + jiff::SignedDuration::from_hours(1), || {
        b"x unit99 hums along\n".to_vec()
    })
}

#[test]
fn a_renewed_catalog_says_what_a_new_one_says() {
    let (_home, key, path) = folder(30);
    let folder = &key.folders[0].1;
    let mut catalog = open(&path, &key, &bytes_of(&key)).unwrap();
    let changes: [(&str, &str, &str, u64); 5] = [
        ("problem-4.md", "The frobnicator 4 is stuck.", "A gremlin.", 7),
        ("problem-17.md", "unit17 cannot frobnicate the thing", "unit17 is wedged now", 7),
        ("problem-4.md", "unit4 cannot", "unit4 is wedged now\n```\n\n```text symptom\nunit4 cannot", 7),
        ("problem-5.md", "unit5 cannot frobnicate the thing", "unit99 hums along", 8),
        ("problem-5.md", "unit99 hums along", "unit5 lost its quorum", 7),
    ];
    for (file, from, to, disabled) in changes {
        let page = fs::read_to_string(folder.join(file)).unwrap();
        assert!(page.contains(from), "{file} {from}");
        fs::write(folder.join(file), page.replace(from, to)).unwrap();
        assert!(!catalog.is_fresh());
        let Renewed { bytes, sayings } = renewed(&catalog, &key).unwrap();
        assert_eq!(sayings.disabled, disabled, "{file} {from}");
        catalog = open(&path, &key, &bytes).unwrap();
        assert!(catalog.is_fresh());
        let told = says(&catalog);
        assert_eq!(told, says(&open(&path, &key, &bytes_of(&key)).unwrap()), "{file} {from}");
        catalog = open(&path, &key, &bytes).unwrap();
    }
}

#[test]
fn a_change_that_may_touch_other_pages_is_not_renewed() {
    let (_home, key, path) = folder(260);
    let folder = &key.folders[0].1;
    let edit = |name: &str, from: &str, to: &str| {
        let path = folder.join(name);
        let page = fs::read_to_string(&path).unwrap();
        fs::write(path, page.replace(from, to)).unwrap();
    };
    let changes: [(&str, &dyn Fn()); 5] = [
        ("a file came", &|| fs::write(folder.join("new.md"), "# New\n").unwrap()),
        ("a file went", &|| fs::remove_file(folder.join("new.md")).unwrap()),
        ("an alias", &|| edit("problem-1.md", "The frob", "- **Aliases**: other\n\nThe frob")),
        ("no marks", &|| edit("problem-2.md", "```text symptom", "```text")),
        ("many pages", &|| (0..260).for_each(|n| edit(&format!("problem-{n}.md"), "thing", "other thing"))),
    ];
    for (what, change) in changes {
        let catalog = open(&path, &key, &bytes_of(&key)).unwrap();
        change();
        assert!(renewed(&catalog, &key).is_none(), "{what}");
    }
}

#[test]
fn a_change_of_any_kind_is_seen() {
    let (_home, key, path) = folder(3);
    let folder = &key.folders[0].1;
    let changes: [Change; 4] = [
        ("a file came", false, |folder| fs::write(folder.join("new.md"), "# New\n").unwrap()),
        ("a file went", false, |folder| fs::remove_file(folder.join("problem-1.md")).unwrap()),
        ("a file was replaced", false, |folder| {
            fs::write(folder.join("other"), "# Other\n").unwrap();
            fs::rename(folder.join("other"), folder.join("problem-1.md")).unwrap();
        }),
        ("a file was written in place", true, |folder| {
            fs::write(folder.join("problem-1.md"), "# Other\n").unwrap();
        }),
    ];
    for (what, same_names, change) in changes {
        let catalog = open(&path, &key, &bytes_of(&key)).unwrap();
        assert!(catalog.is_fresh() && catalog.has_same_names(), "{what}");
        change(folder);
        assert!(!catalog.is_fresh(), "{what}");
        assert_eq!(catalog.has_same_names(), same_names, "{what}");
    }
    let other = Key { program: "that".into(), ..key.clone() };
    let bytes = bytes_of(&key);
    assert!(open(&path, &other, &bytes).is_none());
}

#[test]
fn what_changed_just_now_is_not_trusted() {
    let (_home, key, path) = folder(1);
    let listings = key.list();
    let base = KnowledgeBase::default();
    let signatures = SignatureSet::compile(&base);
    let sayings = Sayings::default();
    let listed = now();
    let contents = Contents {
        key: &key,
        listings: &listings,
        listed,
        sayings: &sayings,
        base: &base,
        signatures: &signatures,
    };
    let catalog = open(&path, &key, &make(&contents)).unwrap();
    assert!(!catalog.is_fresh());
}

#[test]
fn what_is_written_is_what_the_runbook_says() {
    let (_home, key, path) = folder(3);
    let long = format!("# {}\n\nText.\n", "long ".repeat(20_000));
    fs::write(key.folders[0].1.join("long.md"), &long).unwrap();
    fs::write(key.folders[0].1.join("none.md"), "No title.\n").unwrap();
    let catalog = open(&path, &key, &bytes_of(&key)).unwrap();
    for number in 0..catalog.count() {
        assert_eq!(catalog.written(number), Written::of(catalog.runbook(number)), "{number}");
    }
    assert!((0..catalog.count()).any(|number| *catalog.written(number).text == *long));
    assert!(!catalog.damaged());
}

#[test]
fn damage_anywhere_is_seen() {
    let (_home, key, path) = folder(2);
    let bytes = bytes_of(&key);
    for length in (0..bytes.len()).step_by(211) {
        let catalog = open(&path, &key, &bytes[..length]);
        assert!(catalog.is_none_or(|catalog| told(&catalog).is_none()), "{length} bytes");
    }
    let catalog = open(&path, &key, &bytes).unwrap();
    let (words, whole) = (catalog.parts[WORDS], says(&catalog));
    for at in (0..bytes.len()).step_by(37) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let Some(told) = open(&path, &key, &damaged).and_then(|catalog| told(&catalog)) else { continue };
        // Of the full text not all is read.
        let in_words = (words.offset..words.offset + words.bytes).contains(&(at as u64));
        assert!(in_words, "byte {at} of {}", bytes.len());
        assert_eq!(told, whole, "byte {at}");
    }
}

#[test]
fn damage_to_the_full_text_is_seen_or_does_no_harm() {
    const LINE: &str = "gearbox telemetry: thermionic resonator exceeded its hysteresis";
    let (_home, key, path) = folder(600);
    fs::write(key.folders[0].1.join("resonator.md"), format!("# Resonator\n\n{LINE}.\n")).unwrap();
    let bytes = bytes_of(&key);
    let suggest = |catalog: &Catalog| {
        let library = crate::triage::library::Library::new(catalog);
        library.suggest(&[LINE.as_bytes()], 5)
    };
    let catalog = open(&path, &key, &bytes).unwrap();
    let (words, whole) = (catalog.parts[WORDS], suggest(&catalog));
    assert_eq!(whole[0].title, "Resonator");
    let mut seen = 0;
    for at in (words.offset..words.offset + words.bytes).step_by(997) {
        let mut damaged = bytes.clone();
        damaged[at as usize] ^= 0x10;
        let catalog = open(&path, &key, &damaged).unwrap();
        let suggested = suggest(&catalog);
        if catalog.damaged() {
            seen += 1;
        } else {
            assert_eq!(suggested, whole, "byte {at}");
        }
    }
    assert!(seen > 0);
}

#[test]
fn a_file_that_others_could_have_written_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_home, key, path) = folder(1);
    assert!(open(&path, &key, &bytes_of(&key)).is_some());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(Catalog::open(&path, &key).is_none());
}
