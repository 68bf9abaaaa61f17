//! The store on disk from outside, in one program: random runs, crashes, full disks, damage, followers.

mod crash;
mod damage;
mod life;
mod packed;
mod world;
