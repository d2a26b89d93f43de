//! Where shares are kept: a folder, or a bucket of an S3-compatible service.

use std::fmt;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use nix::unistd::{AccessFlags, access};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

/// A place for shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// None are kept.
    Off,
    /// In this folder.
    Folder(PathBuf),
    /// In a bucket, below a prefix that may be empty. Keys and the service's address are in `AWS_…` variables.
    S3 {
        /// Its name.
        bucket: String,
        /// Without slashes at its ends.
        prefix: String,
    },
}

/// Why a text names no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a folder, nor s3://BUCKET or s3://BUCKET/PREFIX, nor off")]
pub struct NoPlace(String);

/// Why a place cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made, read or written to.
    #[error(
        "shares cannot be kept in {folder}: {cause}; name another place with --shares, or none with --shares off"
    )]
    Folder {
        /// The folder.
        folder: String,
        /// What the system said.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The variables do not say how to reach the bucket.
    #[error("shares cannot be kept in the bucket {bucket}: {cause}; see docs/shares.md for the AWS_ variables")]
    S3 {
        /// Its name.
        bucket: String,
        /// What is missing.
        cause: object_store::Error,
    },
}

/// A reader waits for no answer of a bucket longer than this.
const REQUEST: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);
const RETRIES: usize = 2;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let wrong = || NoPlace(text.to_owned());
        if text == "off" {
            return Ok(Self::Off);
        }
        if let Some(rest) = text.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
            // A prefix is a path of the store: no query, nothing that it would have to escape.
            let is_path = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
            let parts_are_names = prefix.split('/').all(|part| !matches!(part, "." | ".."));
            if bucket.is_empty() || !bucket.bytes().all(is_plain) || !prefix.bytes().all(is_path) || !parts_are_names
            {
                return Err(wrong());
            }
            return Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() });
        }
        // Another scheme is a mistake sooner than a folder.
        if text.is_empty() || text.contains("://") { Err(wrong()) } else { Ok(Self::Folder(text.into())) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Folder(folder) => folder.display().fmt(f),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

impl Place {
    /// Opens it. A folder that is missing is made, for its owner alone. `None` when no shares are to be kept.
    ///
    /// # Errors
    /// When the folder cannot be used, or the variables name no region or no keys for a bucket. Whether a bucket
    /// answers is not known before it is asked.
    pub fn open(&self) -> Result<Option<Arc<dyn ObjectStore>>, OpenError> {
        match self {
            Self::Off => Ok(None),
            Self::Folder(folder) => open_folder(folder)
                .map(Some)
                .map_err(|cause| OpenError::Folder { folder: folder.display().to_string(), cause }),
            Self::S3 { bucket, prefix } => {
                open_bucket(bucket, prefix).map(Some).map_err(|cause| OpenError::S3 { bucket: bucket.clone(), cause })
            }
        }
    }
}

fn open_folder(folder: &Path) -> Result<Arc<dyn ObjectStore>, Box<dyn std::error::Error + Send + Sync>> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    access(folder, AccessFlags::R_OK | AccessFlags::W_OK | AccessFlags::X_OK)?;
    // A link that was given out has to outlive a power failure.
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
}

fn open_bucket(bucket: &str, prefix: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
    // One library for all of TLS here. It fails when it was chosen before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // The options of a client replace what the environment says of plain HTTP, so that is asked for again.
    let builder = AmazonS3Builder::from_env();
    let allow_http = builder
        .get_config_value(&object_store::aws::AmazonS3ConfigKey::Client(object_store::ClientConfigKey::AllowHttp))
        .is_some_and(|value| value == "true");
    let options =
        ClientOptions::new().with_timeout(REQUEST).with_connect_timeout(CONNECT).with_allow_http(allow_http);
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: REQUEST, ..RetryConfig::default() };
    let store = builder.with_bucket_name(bucket).with_client_options(options).with_retry(retry).build()?;
    Ok(if prefix.is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Result<Place, NoPlace> {
        text.parse()
    }

    #[test]
    fn places_are_folders_and_buckets() {
        let bucket = |prefix: &str| Place::S3 { bucket: "go.shares-1".into(), prefix: prefix.into() };
        for (text, expected) in [
            ("off", Place::Off),
            ("/var/lib/shares", Place::Folder("/var/lib/shares".into())),
            ("./off", Place::Folder("./off".into())),
            ("s3://go.shares-1", bucket("")),
            ("s3://go.shares-1/", bucket("")),
            ("s3://go.shares-1/a/b/", bucket("a/b")),
        ] {
            assert_eq!(place(text), Ok(expected.clone()), "{text}");
            assert_eq!(place(&expected.to_string()), Ok(expected));
        }
        for text in
            ["", "s3://", "s3:///a", "s3://B", "s3://b?versioning", "s3://b/../c", "gs://b", "https://b", "file:///x"]
        {
            assert_eq!(place(text), Err(NoPlace(text.to_owned())));
        }
    }

    #[test]
    fn a_folder_is_made_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let tmp = tempfile::tempdir().unwrap();
        let folder = tmp.path().join("a/b");
        assert!(Place::Folder(folder.clone()).open().unwrap().is_some());
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        let file = tmp.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Place::Folder(file).open().unwrap_err().to_string();
        assert!(error.contains("--shares"), "{error}");
    }
}
