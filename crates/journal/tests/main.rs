//! The store on disk from outside, in one program: random runs, crashes, full disks, damage, followers.

#[path = "../../../fuzz/bodies/journal_block.rs"]
mod block_body;
mod crash;
mod damage;
#[path = "../../../fuzz/bodies/journal_files.rs"]
mod files;
mod life;
#[path = "../../../fuzz/bodies/journal_log.rs"]
mod log_body;
mod packed;
mod world;
