//! What looks alike, of hashes that are made up: as brute force finds it, from either database.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use imagraph::index::groups::Duplicates;
use imagraph::index::{Facts, Listed, Place, Rank, Wanted};
use imagraph::metadata::{Checksum, PHash};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{Indexed, sqlite};
use crate::postgres_server::PostgresServer;

/// The same files in both.
struct Both {
    files: Vec<(Listed, Facts)>,
    sqlite: Indexed,
    postgres: Indexed,
    _server: PostgresServer,
    _folder: tempfile::TempDir,
}

/// Some 600 files around 40 hashes, some of them flat.
fn files() -> Vec<(Listed, Facts)> {
    let mut random = fastrand::Rng::with_seed(7);
    let centres: Vec<_> = (0..40).map(|_| random.u64(..)).collect();
    let file = |at: usize| {
        let centre = if at.is_multiple_of(20) { 0 } else { centres[random.usize(..centres.len())] };
        let flips = if centre == 0 { 0 } else { random.usize(..13) };
        let hash = (0..flips).fold(centre, |hash, _| hash ^ 1 << random.u32(..64));
        let facts = Facts {
            p_hash: (!at.is_multiple_of(33)).then(|| PHash::new(hash)),
            width: Some(random.u64(1..4) * 100),
            height: Some(100),
            quality: random.bool().then(|| random.u8(1..=100)),
            checksum: Some(Checksum([random.u8(..4); 32])),
        };
        // Names of which SQL and Rust might think differently.
        let name = ["a-", "a/", "a.", "A", "ä", "%"][random.usize(..6)];
        let listed =
            Listed { path: PathBuf::from(format!("{name}{at}.jpg")), size: random.u64(1..9), modified: 1 };
        (listed, facts)
    };
    (0..600).map(file).collect()
}

/// The same for all tests that run at a time, and gone after the last.
fn both() -> Arc<Both> {
    static BOTH: Mutex<Weak<Both>> = Mutex::new(Weak::new());
    let mut shared = BOTH.lock().unwrap_or_else(PoisonError::into_inner);
    let both = shared.upgrade().unwrap_or_else(|| Arc::new(Both::start()));
    *shared = Arc::downgrade(&both);
    both
}

fn place(target: u64, file: &Listed, hash: PHash) -> Place {
    Place::new(target, hash.bits(), file.path.clone())
}

impl Both {
    fn start() -> Self {
        let (server, folder) = (PostgresServer::start(), tempfile::tempdir().expect("a folder"));
        let library = tempfile::tempdir().expect("a folder");
        let sqlite = Indexed::new(library.path(), &sqlite(folder.path()));
        let postgres = Indexed::new(library.path(), &server.database("alike"));
        let files = files();
        for (file, facts) in &files {
            sqlite.wait(sqlite.index.note(file, facts, &[]));
            postgres.wait(postgres.index.note(file, facts, &[]));
        }
        Self { files, sqlite, postgres, _server: server, _folder: folder }
    }

    fn by_brute_force(&self, wanted: &Wanted) -> Vec<Place> {
        let hashed = self.files.iter().filter_map(|(file, facts)| Some((file, facts.p_hash?)));
        let mut places: Vec<_> = hashed.map(|(file, hash)| place(wanted.target, file, hash)).collect();
        places
            .retain(|place| place.distance() <= wanted.within && Some(&place.path) != wanted.except.as_ref());
        places.sort();
        places.retain(|place| wanted.after.as_ref().is_none_or(|after| place > after));
        places.truncate(wanted.limit);
        places
    }
}

#[test]
fn what_is_alike_is_what_brute_force_finds_in_either_database() {
    let both = both();
    let cases =
        (any::<prop::sample::Index>(), 0..64_u32, 0..=64_u32, any::<bool>(), 0..40_usize, any::<bool>());
    let held = TestRunner::new(ProptestConfig::with_cases(150)).run(
        &cases,
        |(at, bit, within, few, limit, except)| {
            let (file, facts) = at.get(&both.files);
            let target = facts.p_hash.unwrap_or(PHash::new(5)).bits() ^ 1 << bit;
            let within = if few { within / 5 } else { within };
            let except = except.then(|| file.path.clone());
            let mut wanted = Wanted { target, within, after: None, except, limit };
            // The first page, and the next one.
            for _ in 0..2 {
                let expected = both.by_brute_force(&wanted);
                prop_assert_eq!(
                    &both.sqlite.wait(both.sqlite.index.alike(&wanted)),
                    &expected,
                    "SQLite {:?}",
                    wanted
                );
                prop_assert_eq!(
                    &both.postgres.wait(both.postgres.index.alike(&wanted)),
                    &expected,
                    "PostgreSQL {:?}",
                    wanted
                );
                wanted.after = expected.last().cloned();
            }
            Ok(())
        },
    );
    held.expect("both find the same");
}

/// The files as the command line knows them: sorted by their rank.
fn ranked(files: &[(Listed, Facts)]) -> Vec<u64> {
    let mut ranked: Vec<_> = files.iter().filter(|(_, facts)| facts.p_hash.is_some()).collect();
    ranked.sort_by_cached_key(|(file, facts)| Rank::new(&file.path, file.size, facts));
    let hashes = ranked.into_iter().filter_map(|(_, facts)| facts.p_hash);
    hashes.filter(|hash| !hash.is_low_entropy()).map(PHash::bits).collect()
}

#[test]
fn groups_are_the_same_in_either_database() {
    let both = both();
    for within in [0, 3, 8] {
        let ours = both.sqlite.wait(both.sqlite.index.duplicates(within));
        assert_eq!(ours, both.postgres.wait(both.postgres.index.duplicates(within)));
        assert!(ours.all().len() > 5, "{within}: {}", ours.all().len());
        let found = Duplicates::new(&ranked(&both.files), Vec::new(), within);
        let not_flat: Vec<_> = ours.all().iter().filter(|group| group.checksum.is_none()).collect();
        assert_eq!(found.all().iter().collect::<Vec<_>>(), not_flat);
        for group in ours.all() {
            let files = both.sqlite.wait(both.sqlite.index.files_of(group, usize::MAX));
            assert_eq!(files.len() as u64, group.images);
            assert_eq!(files, both.postgres.wait(both.postgres.index.files_of(group, usize::MAX)));
            assert_eq!(files[..2], both.postgres.wait(both.postgres.index.files_of(group, 2)));
        }
    }
}

/// Whoever stands first in a group is the best of it, in either database by the rank that `imagraph duplicates` sorts by, and
/// near enough to all others.
#[test]
fn the_best_of_a_group_comes_first() {
    let both = both();
    let facts = |path: &PathBuf| both.files.iter().find(|(file, _)| file.path == *path).expect("a file");
    for group in both.sqlite.wait(both.sqlite.index.duplicates(8)).all() {
        let files = both.sqlite.wait(both.sqlite.index.files_of(group, usize::MAX));
        let rank = |path: &PathBuf| {
            let (file, facts) = facts(path);
            Rank::new(path, file.size, facts)
        };
        assert!(files.is_sorted_by(|better, worse| rank(better) < rank(worse)));
        let best = facts(&files[0]).1.p_hash.expect("a hash");
        assert!(files.iter().all(|path| facts(path).1.p_hash.expect("a hash").distance(best) <= 8));
        if best.is_low_entropy() {
            assert!(files.iter().all(|path| facts(path).1.checksum == facts(&files[0]).1.checksum));
        }
    }
}
