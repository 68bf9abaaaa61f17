//! The store on disk from outside, in one program: random runs, crashes, full disks, damage, followers.

#[path = "../../../fuzz/bodies/journal_block.rs"]
mod block_body;
mod crash;
mod damage;
mod life;
mod packed;
mod world;
