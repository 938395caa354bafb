#!/bin/busybox sh
# First program of the VM: reaches the host's root file system and goes on there.
busybox=/bin/busybox
fail() {
  echo "initramfs: $1"
  $busybox reboot -f
}
$busybox mount -t devtmpfs none /dev
$busybox mount -t proc none /proc
$busybox mount -t sysfs none /sys
for module in /modules/*.ko; do
  $busybox insmod "$module" || echo "initramfs: $module not loaded"
done
options=trans=virtio,version=9p2000.L,msize=512000
# Nobody changes the files while the VM runs, so it may cache what it has read.
$busybox mount -t 9p -o "$options,cache=loose,ro" root /lower || fail 'no root file system'
$busybox mount -t tmpfs -o mode=755,size=60% none /layer
$busybox mkdir /layer/upper /layer/work
$busybox mount -t overlay -o lowerdir=/lower,upperdir=/layer/upper,workdir=/layer/work overlay /root || fail 'no overlay'
$busybox mkdir -p /root/usr/lib/modules
$busybox mount -t 9p -o "$options,cache=loose,ro" modules /root/usr/lib/modules || fail 'no modules'
$busybox mount -t tmpfs -o mode=755 none /root/run
$busybox mkdir /root/run/vm
$busybox mount -t 9p -o "$options" control /root/run/vm || fail 'no control directory'
for directory in dev proc sys; do
  $busybox mount --move "/$directory" "/root/$directory"
done
exec $busybox switch_root /root /bin/sh /run/vm/first-process
