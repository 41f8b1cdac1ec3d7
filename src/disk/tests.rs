//! Files that are pipes, links, loops, foreign, huge; names of rotated logs.
