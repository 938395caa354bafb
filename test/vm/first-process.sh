#!/bin/sh
# Process 1 of the VM once the root file system is there: runs the command, hands back its exit code, switches off.
mkdir -p /dev/pts /dev/shm /run/lock
mount -t devpts none /dev/pts
mount -t tmpfs none /dev/shm
mount -t cgroup2 none /sys/fs/cgroup
mount -t debugfs none /sys/kernel/debug 2>/dev/null
ip link set lo up
# The command's output goes to a serial line of its own, as the command wrote it; through a pipe, because programs that
# see a terminal draw on it.
stty -F /dev/ttyS1 raw -echo 2>/dev/null
export HOME=/root USER=root LANG=C.UTF-8
{
  setsid sh /run/vm/command </dev/null 2>&1
  echo $? >/run/vm/exit
} | cat >/dev/ttyS1
sync
# The line is slower than we are: what was written must leave before the VM does.
stty -F /dev/ttyS1 >/dev/null 2>&1
busybox reboot -f
