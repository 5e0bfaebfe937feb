#!/bin/bash
# boot.sh WORK ARCHIVE: boots systemd in namespaces of its own, on a copy of this system that keeps nothing. ARCHIVE is
# at /opt/identityd there. The process that this becomes is its parent, and ends it by its own end.
set -e
if [ -z "$3" ]; then
  # A control group of its own in each hierarchy: systemd takes over the one it finds itself in.
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*/; do
    [ -f "$hierarchy/cgroup.procs" ] && mkdir "$hierarchy/identityd-test-$$" || continue
    if [ -f "$hierarchy/cpuset.cpus" ]; then # without any it takes no process
      cat "$hierarchy/cpuset.cpus" > "$hierarchy/identityd-test-$$/cpuset.cpus"
      cat "$hierarchy/cpuset.mems" > "$hierarchy/identityd-test-$$/cpuset.mems"
    fi
    echo $$ > "$hierarchy/identityd-test-$$/cgroup.procs" || rmdir "$hierarchy/identityd-test-$$"
  done 2>/dev/null
  exec unshare --fork --pid --kill-child=KILL --mount --propagation private --cgroup --ipc --uts --net "$0" "$1" "$2" inside
fi
mount -t tmpfs -o mode=755 tmpfs "$1"
R=$1/root
mkdir "$1/up" "$1/work" "$R"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$R"
mkdir -p "$R/opt/identityd" "$R/old"
cp -r "$2/." "$R/opt/identityd"
mount -t proc proc "$R/proc"
mount -t sysfs -o ro sysfs "$R/sys"
mount -t tmpfs -o mode=755 tmpfs "$R/sys/fs/cgroup"
while IFS=: read -r _ names _; do
  at=${names#name=}
  mkdir -p "$R/sys/fs/cgroup/${at:-unified}"
  case $names in
    "") [ "$(wc -l < /proc/self/cgroup)" = 1 ] && mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup" || mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup/unified" ;;
    name=*) mount -t cgroup -o "none,$names" cgroup "$R/sys/fs/cgroup/$at" ;;
    *) mount -t cgroup -o "$names" cgroup "$R/sys/fs/cgroup/$at" ;;
  esac
done < /proc/self/cgroup
mount -t tmpfs -o mode=755 tmpfs "$R/run"
mount -t tmpfs -o mode=1777 tmpfs "$R/tmp"
mount --rbind /dev "$R/dev"
rm -rf "$R"/etc/systemd/system/*.wants "$R/var/log/journal"
printf '[Unit]\nRequires=basic.target dbus.socket\nAfter=basic.target\n' > "$R/etc/systemd/system/bare.target"
# What would touch the machine below.
for unit in systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udev-trigger.service \
  systemd-modules-load.service systemd-sysctl.service systemd-remount-fs.service systemd-random-seed.service systemd-logind.service \
  dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount systemd-tmpfiles-setup-dev.service \
  proc-sys-fs-binfmt_misc.automount systemd-journald-audit.socket; do
  ln -sf /dev/null "$R/etc/systemd/system/$unit"
done
echo 0123456789abcdef0123456789abcdef > "$R/etc/machine-id"
: > "$R/etc/fstab"
cd "$R"
pivot_root . old
umount -l /old
mount --make-rshared / # credentials are mounted from outside of a service's namespace
exec env -i container=unshare PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=bare.target --log-target=console --show-status=0
