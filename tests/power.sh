#!/usr/bin/env bash
# Takes the file system away under a running venue, as a power loss does: an ext4 image is shut down with FS_IOC_SHUTDOWN
# and without flushing its log, so what was not synced is gone. Then it is mounted again, the venue started, and everything
# that was acknowledged must be there. Needs root and loop devices.
#
#   tests/power.sh [LOOPS] [LEVEL]        with target/release/papertape, or PAPERTAPE=path
set -euo pipefail
cd "$(dirname "$0")/.."

name=power
loops=${1:-5}
level=${2:-group}
passed=0
. tests/lib/venue.sh
mount=$dir/disk
data=$mount/venue
options+=(--durability "$level")

skip() {
    printf 'power: skipped: %s\n' "$1"
    exit 0
}

unplug() {
    stop
    if mountpoint -q "$mount" 2>/dev/null; then umount "$mount" 2>/dev/null || umount -l "$mount"; fi
}
trap 'unplug; rm -rf "$dir"' EXIT

[ "$(id -u)" = 0 ] || skip "only root mounts an image"
for tool in mkfs.ext4 python3 mountpoint; do
    command -v "$tool" >/dev/null || skip "$tool is not there"
done
truncate -s 512M "$dir/image"
mkfs.ext4 -q -F "$dir/image"
mkdir "$mount"
mount -o loop "$dir/image" "$mount" 2>/dev/null || skip "no image can be mounted here"

# 0x8004587d is _IOR('X', 125, u32); 2 says that the log is not flushed first.
shut_down() {
    python3 - "$mount" <<'PY'
import fcntl, os, struct, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(fd, 0x8004587D, struct.pack("I", 2))
PY
}

start
for loop in $(seq "$loops"); do
    must_send_orders
    sleep "0.$((RANDOM % 900 + 100))"
    shut_down || skip "the file system cannot be shut down"
    # What it still says now must be true as well: it may not acknowledge what the disk has not.
    sleep "0.$((RANDOM % 5))"
    unplug
    wait "$load" 2>/dev/null || true
    mount -o loop "$dir/image" "$mount"
    start
    check_venue
    passed=$((passed + 1))
done
stop
"$papertape" audit verify --data "$data" >"$dir/audit" || { cat "$dir/audit"; fail "the audit refuses the journal"; }
printf 'power: %s passed, 0 failed\n' "$passed"
