//! Which files look alike.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use sqlx::AssertSqlSafe;

use super::resident::Resident;
use super::row::{bytes, path_of, signed};
use super::{Store, failure};
use crate::error::Result;
use crate::index::bands::{Band, reaches};
use crate::index::nearest::{Neighbour, Search};
use crate::index::rank::BEST_FIRST;
use crate::metadata::Checksum;

/// The columns `band0` to `band3`.
const BANDS: [Band; 4] = [Band::new(48, 16), Band::new(32, 16), Band::new(16, 16), Band::new(0, 16)];

/// Up to here it is less to look up what bands lead to, some 550 values of them, than all.
const BANDS_LEAD_WITHIN: u32 = 11;

/// Which files are asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub target: u64,
    /// Bits.
    pub within: u32,
    pub after: Option<Place>,
    /// Not this one.
    pub except: Option<PathBuf>,
    pub limit: usize,
}

/// A file among those that look alike. Nearest first, then by hash, then by the bytes of its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    neighbour: Neighbour,
    pub path: PathBuf,
}

impl Place {
    /// That of a file with a hash, among those that look like the target.
    pub fn new(target: u64, hash: u64, path: PathBuf) -> Self {
        Self { neighbour: Neighbour::of(target, hash), path }
    }

    pub fn hash(&self) -> u64 {
        self.neighbour.hash()
    }

    /// Bits.
    pub fn distance(&self) -> u32 {
        self.neighbour.distance
    }
}

impl Ord for Place {
    /// A path by itself compares its parts.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_path = || self.path.as_os_str().cmp(other.path.as_os_str());
        self.neighbour.cmp(&other.neighbour).then_with(by_path)
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Store {
    /// The nearest files, nearest first.
    pub async fn alike(&self, wanted: &Wanted) -> Result<Vec<Place>> {
        match &self.resident {
            Some(resident) => self.alike_by_hashes(resident, wanted).await,
            None => self.alike_by_bands(wanted).await,
        }
    }

    async fn alike_by_hashes(&self, resident: &Resident, wanted: &Wanted) -> Result<Vec<Place>> {
        let mut found = Vec::new();
        let (target, within, limit) = (wanted.target, wanted.within, wanted.limit);
        let mut from = wanted.after.as_ref().map(|after| after.neighbour);
        loop {
            let hashes = self.nearest(resident, Search { target, within, from, limit }).await?;
            for neighbour in &hashes {
                self.of_hash(*neighbour, wanted, &mut found).await?;
            }
            // Hashes may have lost their files.
            from = hashes.last().and_then(|last| last.following());
            if hashes.len() < limit || found.len() >= limit || from.is_none() {
                return Ok(found);
            }
        }
    }

    /// As many files of one hash as are still wanted.
    async fn of_hash(&self, neighbour: Neighbour, wanted: &Wanted, found: &mut Vec<Place>) -> Result<()> {
        const OF_HASH: &str =
            "SELECT path FROM files WHERE phash = $1 AND path > $2 AND path <> $3 ORDER BY path LIMIT $4";
        let after = wanted.after.as_ref().filter(|after| after.neighbour == neighbour);
        let after = after.map_or(Path::new(""), |after| &after.path);
        let room = wanted.limit.saturating_sub(found.len());
        if room > 0 {
            let rows = sqlx::query_scalar(OF_HASH).bind(neighbour.hash() as i64).bind(bytes(after));
            let rows = rows.bind(wanted.excepted()).bind(signed(room as u64));
            let rows: Vec<Vec<u8>> = rows.fetch_all(self.pool().await?).await.map_err(failure)?;
            found.extend(rows.into_iter().map(|path| Place { neighbour, path: path_of(path) }));
        }
        Ok(())
    }

    async fn alike_by_bands(&self, wanted: &Wanted) -> Result<Vec<Place>> {
        let after = wanted.after.as_ref();
        let (distance, hash) = after
            .map_or((-1, 0), |after| (i64::from(after.neighbour.distance), after.neighbour.hash() as i64));
        let statement = alike_statement(wanted.within);
        let mut rows = sqlx::query_as(AssertSqlSafe(statement))
            .bind(wanted.target as i64)
            .bind(i64::from(wanted.within))
            .bind(wanted.excepted())
            .bind(distance)
            .bind(hash)
            .bind(after.map_or(&[][..], |after| bytes(&after.path)))
            .bind(signed(wanted.limit as u64));
        if wanted.within <= BANDS_LEAD_WITHIN {
            for (band, reach) in BANDS.iter().zip(reaches::<4>(wanted.within)) {
                let values = band.differences(reach).map(|bits| (band.of(wanted.target) ^ bits) as i64);
                rows = rows.bind(self.database.list(values));
            }
        }
        let rows: Vec<(Vec<u8>, i64)> = rows.fetch_all(self.pool().await?).await.map_err(failure)?;
        let place = |(path, hash): (Vec<u8>, i64)| Place {
            neighbour: Neighbour::of(wanted.target, hash as u64),
            path: path_of(path),
        };
        Ok(rows.into_iter().map(place).collect())
    }

    /// Flat pictures that are there more than once, byte for byte, and how often.
    pub async fn flat_copies(&self) -> Result<Vec<(Checksum, u64)>> {
        const COPIES: &str = "
            SELECT checksum, COUNT(*) FROM files WHERE phash = 0 AND checksum IS NOT NULL
            GROUP BY checksum HAVING COUNT(*) > 1";
        let rows: Vec<(Vec<u8>, i64)> =
            sqlx::query_as(COPIES).fetch_all(self.pool().await?).await.map_err(failure)?;
        let copies = |(checksum, images): (Vec<u8>, i64)| {
            Some((Checksum(checksum.try_into().ok()?), images.unsigned_abs()))
        };
        Ok(rows.into_iter().filter_map(copies).collect())
    }

    /// Files that have one of the hashes, and the checksum if there is one, the best first.
    pub async fn best_of(
        &self,
        hashes: &[u64],
        checksum: Option<&Checksum>,
        limit: usize,
    ) -> Result<Vec<PathBuf>> {
        let listed = self.database.is_listed("phash");
        let same = if checksum.is_some() { "checksum = $3" } else { "$3 IS NULL" };
        let statement =
            format!("SELECT path FROM files WHERE {listed} AND {same} ORDER BY {BEST_FIRST} LIMIT $2");
        let rows = sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(self.database.list(hashes.iter().map(|hash| *hash as i64)))
            .bind(signed(limit as u64))
            .bind(checksum.map(|checksum| checksum.0.as_slice()));
        let rows: Vec<Vec<u8>> = rows.fetch_all(self.pool().await?).await.map_err(failure)?;
        Ok(rows.into_iter().map(path_of).collect())
    }
}

impl Wanted {
    /// No file has an empty path.
    fn excepted(&self) -> &[u8] {
        self.except.as_deref().map_or(&[], bytes)
    }
}

/// PostgreSQL's, with the four bands' values as arguments after the others where bands lead to what is near.
fn alike_statement(within: u32) -> String {
    let band = |band| format!("band{band} = ANY(CAST(${} AS INTEGER[]))", band + 8);
    let bands = match within <= BANDS_LEAD_WITHIN {
        true => [0, 1, 2, 3].map(band).join(" OR "),
        false => "TRUE".to_owned(),
    };
    format!(
        "SELECT path, phash FROM (
            SELECT path, phash, BIT_COUNT((phash # $1)::BIT(64)) AS distance FROM files
            WHERE phash IS NOT NULL AND ({bands})
        ) AS near
        WHERE distance <= $2 AND path <> $3 AND (distance, phash, path) > ($4, $5, $6)
        ORDER BY distance, phash, path LIMIT $7"
    )
}
