//! What is to be done on a disk.

/// One thing to do. They are done in their order, and each has reached the disk before the next begins.
///
/// Files lie in one flat folder that belongs to the store alone; names are of `a` to `z`, `0` to `9`, `-` and `.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskOp {
    /// Adds bytes to the end of a file, which is made if it is not there.
    Append {
        /// The file's name.
        file: String,
        /// What to add.
        bytes: Vec<u8>,
    },
    /// Makes a file with these bytes, in place of one of the same name.
    Write {
        /// The file's name.
        file: String,
        /// All of its bytes.
        bytes: Vec<u8>,
    },
    /// Deletes a file; it may be gone already.
    Delete {
        /// The file's name.
        file: String,
    },
}

impl DiskOp {
    /// The name of the file that it is about.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            DiskOp::Append { file, .. } | DiskOp::Write { file, .. } | DiskOp::Delete { file } => file,
        }
    }
}

/// What is on the disk is of a format that this build does not read. It is to be left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored samples are of format {version}, and this build reads format {known} only")]
pub struct Refused {
    /// The version on the disk.
    pub version: u32,
    /// The version that this build reads.
    pub known: u32,
}
