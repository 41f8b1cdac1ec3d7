#!/usr/bin/env python3
"""Measures `kb match` as a user runs it, beside the tools a user could pick instead.

    cargo build --release && python3 benches/speed.py [--mib 1024] [--rounds 5] [--data FOLDER]

Makes its data first (`benches/data.rs`, once), then runs kb and the others in turn, round after
round, on the same files, and keeps the shortest time of each: on a busy machine only ratios within
one table mean anything. Whole processes are timed, kb with its ordinary report for people. Counts of
lines are printed beside, and a row whose counts differ is marked. What is not installed is named and
left out. The text goes to standard output; kept results are in `benches/results`.

Tools: ripgrep (`rg`, Debian's, or PyPI's: --rg PATH), GNU grep, vectorscan or hyperscan
(`apt-get install libvectorscan-dev gcc`), coreutils.
"""
import argparse
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=1024, help="size of the log")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", default=os.path.join(ROOT, "target", "bench-data"))
    parser.add_argument("--kb", default=os.path.join(ROOT, "target", "release", "kb"))
    parser.add_argument("--rg", default=shutil.which("rg"))
    parser.add_argument("--only", nargs="*", help="parts: scan start index memory month")
    parser.add_argument("--slow", type=float, default=60, help="a tool that took longer once is not run again")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    bench.head()
    for part in ("scan", "start", "index", "memory", "month"):
        if not arguments.only or part in arguments.only:
            getattr(bench, part)()


class Bench:
    def __init__(self, arguments):
        self.a = arguments
        self.data = f"{arguments.data}-{arguments.mib}"
        self.log = os.path.join(self.data, "log")
        self.home = tempfile.mkdtemp(prefix="kb-speed-")
        self.env = {"PATH": os.environ["PATH"], "HOME": self.home, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self.realtime = ["chrt", "-r", "1"] if self.succeeds(["chrt", "-r", "1", "true"]) else []
        if not os.path.exists(self.log):
            run = ["cargo", "bench", "--quiet", "--bench", "data", "--", self.data, str(arguments.mib)]
            subprocess.run(run, check=True, cwd=ROOT)
        self.vectorscan = self.build_vectorscan()
        self.empty = self.build_empty()

    def head(self):
        print(f"kb speed, {datetime.date.today()}, {platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
        print(f"log of {os.path.getsize(self.log) >> 20} MiB, least of {self.a.rounds} rounds" + (", real-time priority" if self.realtime else ""))
        for name, command in (("kb", [self.a.kb, "--version"]), ("rg", [self.a.rg, "--version"]), ("grep", ["grep", "--version"])):
            if command[0]:
                print("  " + name + ": " + self.output(command).splitlines()[0])
        if not self.vectorscan:
            print("  SKIPPED vectorscan: no libvectorscan-dev or libhyperscan-dev, or no cc")
        if not self.a.rg:
            print("  SKIPPED ripgrep: not installed")

    # The parts.

    def scan(self):
        cores = os.cpu_count() or 1
        sets = [("mixed", n) for n in (10, 100, 1000)] + [("literal", n) for n in (10, 100, 1000, 10000)] + [("natural", 1000)]
        for kind, count in sets:
            self.make_index(kind, count)
            patterns = os.path.join(self.data, f"{kind}-{count}.txt")
            rows = [("wc -l", ["wc", "-l", self.log], None)]
            rows.append(("kb -j1", self.kb(kind, count, "-j1"), self.count_kb(kind, count)))
            if cores > 1:
                rows.append(("kb -j2", self.kb(kind, count, "-j2"), None))
            literal = kind == "literal"
            if self.a.rg and (count <= 1000 or literal):
                how = ["-F"] if literal else ["--no-unicode"]
                rg = [self.a.rg, "-j1", *how, "-a", "--no-config", "-c", "-f", patterns, self.log]
                rows.append(("rg -F -f" if literal else "rg -f", rg, int))
            if literal:
                rows.append(("grep -F -f", ["grep", "-a", "-c", "-F", "-f", patterns, self.log], int))
                if self.vectorscan:
                    rows.append(("vectorscan", [self.vectorscan, patterns, self.log], int))
            self.table(f"{count} signatures, {kind}", rows, baseline="kb -j1")
        self.natural_beside_long()

    def natural_beside_long(self):
        rows = [(kind, self.kb(kind, 1000, "-j1"), None) for kind in ("mixed", "natural")]
        self.table("1000 natural signatures beside 1000 long ones (kb -j1)", rows, baseline="mixed")

    def start(self):
        ten = os.path.join(self.data, "ten-lines")
        rows = [("empty Rust process", [self.empty], None), ("kb --version", [self.a.kb, "--version"], None)]
        for count in (10, 100, 1000, 10000):
            self.make_index("mixed", count)
            rows.append((f"{count} signatures", self.kb("mixed", count, "--suggest=never", file=ten), None))
        rows.append(("built-in runbooks only", [self.a.kb, "match", "--suggest=never", ten], None))
        self.table("start-up: ten lines of input", rows, baseline="empty Rust process", rounds=100)
        words = os.path.join(self.data, "words")
        with open(words, "w") as file:
            file.write("Nov  2 10:00:00 db1 vaultd[99]: giving up on the replication slot, the quorum lost its lease\n")
        rows = [("empty Rust process", [self.empty], None), ("kb match", self.kb("mixed", 10000, file=words), None)]
        self.table("match and suggestion over 10,000 runbooks", rows, baseline="empty Rust process", rounds=50)

    def index(self):
        folder = os.path.join(self.data, "mixed-10000")
        page = os.path.join(folder, "bench-05000.md")
        command = [self.a.kb, "--kb", folder, "index"]
        nothing, one = [], []
        for _ in range(max(2, self.a.rounds // 2)):
            shutil.rmtree(os.path.join(self.home, ".cache"), ignore_errors=True)
            nothing.append(self.time(command))
            with open(page, "a") as file:
                file.write("One more sentence.\n")
            time.sleep(0.1)
            one.append(self.time(command))
        print(f"\nkb index of 10,000 runbooks\n  from nothing         {min(nothing) * 1e3:9.0f} ms\n  one of them changed  {min(one) * 1e3:9.0f} ms")

    def memory(self):
        self.make_index("mixed", 1000)
        for threads in ("-j1", "-j2"):
            command = self.kb("mixed", 1000, threads, file="-")
            with open(self.log, "rb") as log, subprocess.Popen(["cat"], stdin=log, stdout=subprocess.PIPE) as cat:
                peak = self.peak(command, cat.stdout)
            print(f"\npeak memory, 1,000 signatures, the log on standard input, {threads}: {peak / 1024:.1f} MiB")

    def month(self):
        folder = os.path.join(self.data, "month")
        self.make_index("mixed", 1000)
        files = " ".join(sorted(os.path.join(folder, name) for name in os.listdir(folder)))
        gz = [word for word in files.split() if word.endswith(".gz")]
        script = f"for f in {files}; do case $f in *.gz) zcat $f;; *.xz) xzcat $f;; *.zst) zstdcat $f;; *) cat $f;; esac; done | wc -l"
        rows = [("kb match FOLDER -j1", self.kb("mixed", 1000, "-j1", file=folder), None),
                ("kb match FOLDER -j2", self.kb("mixed", 1000, "-j2", file=folder), None),
                ("zcat, xzcat, zstdcat, cat | wc -l", ["sh", "-c", script], None)]
        dropped = self.drop_caches()
        self.table(f"a month of rotated logs, {len(gz)} of {len(files.split())} gzip" + (", cold" if dropped else ", from the page cache"),
                   rows, baseline="kb match FOLDER -j2", rounds=min(3, self.a.rounds), before=self.drop_caches if dropped else None)

    # Tools.

    def kb(self, kind, count, *options, file=None):
        folder = os.path.join(self.data, f"{kind}-{count}")
        return [self.a.kb, "--kb", folder, "match", *options, file or self.log]

    def make_index(self, kind, count):
        subprocess.run([self.a.kb, "--kb", os.path.join(self.data, f"{kind}-{count}"), "index"], env=self.env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def count_kb(self, kind, count):
        def hits(_):
            text = self.output(self.kb(kind, count, "-j1", "--format=json", "--top=0"))
            records = map(json.loads, text.splitlines())
            own = (r for r in records if r.get("type") == "result" and r["runbook"].startswith("bench-"))
            return sum(instance["count"] for record in own for instance in record["instances"])
        return hits

    def drop_caches(self):
        try:
            with open("/proc/sys/vm/drop_caches", "w") as file:
                file.write("1")
            return True
        except OSError:
            return False

    def build_vectorscan(self):
        binary = os.path.join(self.home, "vectorscan")
        source = os.path.join(HERE, "vectorscan.c")
        return binary if self.succeeds(["cc", "-O2", source, "-lhs", "-o", binary]) else None

    def build_empty(self):
        source = os.path.join(self.home, "empty.rs")
        with open(source, "w") as file:
            file.write("fn main() {}\n")
        subprocess.run(["rustc", "-O", "-o", os.path.join(self.home, "empty"), source], check=True)
        return os.path.join(self.home, "empty")

    # Timing.

    def table(self, title, rows, baseline, rounds=None, before=None):
        times = {name: [] for name, _, _ in rows}
        for _ in range(rounds or self.a.rounds):
            for name, command, _ in rows:
                if times[name] and times[name][0] > self.a.slow:
                    continue
                if before:
                    before()
                times[name].append(self.time(command))
        base = min(times[baseline])
        print(f"\n{title}")
        counts = set()
        for name, command, count in rows:
            best = min(times[name])
            text = f"  {name:34}{best * 1e3:11.1f} ms   x{best / base:8.2f}"
            if count:
                number = count(self.output(command)) if count is int else count(None)
                counts.add(number)
                text += f"   {number} lines"
            print(text)
        if len(counts) > 1:
            print("  COUNTS DIFFER")
        sys.stdout.flush()

    def time(self, command):
        # Into a file: grep stops at the first hit when it writes to /dev/null.
        with open(os.path.join(self.home, "out"), "w") as out:
            start = time.perf_counter()
            subprocess.run(self.realtime + command, env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL)
            return time.perf_counter() - start

    def peak(self, command, stdin):
        child = subprocess.Popen(command, env=self.env, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(child.pid, 0)
        return usage.ru_maxrss

    def output(self, command):
        return subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace").stdout

    def succeeds(self, command):
        try:
            return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
        except OSError:
            return False


if __name__ == "__main__":
    main()
