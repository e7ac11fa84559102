#!/usr/bin/env bash
# Runs a command in namespaces and control groups of its own, so that a second lab fits on this machine: what a lab has
# under a fixed name (interfaces, /run, the kubelet's files, control groups) is another thing in there. What the command
# leaves behind, processes too, goes with it. Needs root, and a machine with version 1 of control groups.
set -euo pipefail
base=$(mktemp -d /var/tmp/istio-egress-apart.XXXXXX)
name=${base##*/}
hierarchies() { find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d; }
leave() {
  local base=$1 name=${1##*/}
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    hierarchies | while read -r each; do
      if [ -d "$each/$name" ]; then find "$each/$name" -depth -type d -exec rmdir {} + 2> /dev/null || true; fi
    done
    if [ -z "$(find /sys/fs/cgroup -mindepth 2 -maxdepth 2 -name "$name")" ]; then break; fi
    sleep 0.5
  done
  rm -rf -- "$base"
}
# What a run that was killed has left.
for each in /var/tmp/istio-egress-apart.*; do
  if [ -s "$each/pid" ] && ! kill -0 "$(cat "$each/pid")" 2> /dev/null; then leave "$each"; fi
done
echo $$ > "$base/pid"
trap 'leave "$base"' EXIT

mkdir "$base"/{run,lib,containers}
for each in $(hierarchies); do
  mkdir "$each/$name"
  case $each in
    */cpuset*)
      cat "$each/cpuset.cpus" > "$each/$name/cpuset.cpus"
      cat "$each/cpuset.mems" > "$each/$name/cpuset.mems"
      echo 1 > "$each/$name/cgroup.clone_children"
      ;;
  esac
done

inside() {
  set -euo pipefail
  base=$1
  shift
  mount --bind "$base/run" /run
  # All of /var/lib but what a lab writes there.
  mount --bind /var/lib "$base/lib"
  mkdir -p "$base/own" /var/log/containers
  mount --bind "$base/own" /var/lib
  for each in "$base"/lib/*; do
    case ${each##*/} in
      kubelet | cni | istio-egress-lab) continue ;;
    esac
    if [ -L "$each" ]; then
      cp -P "$each" /var/lib/
      continue
    elif [ -d "$each" ]; then
      mkdir "/var/lib/${each##*/}"
    else
      touch "/var/lib/${each##*/}"
    fi
    mount --bind "$each" "/var/lib/${each##*/}"
  done
  mount --bind "$base/containers" /var/log/containers
  # The control groups that this one is the root of.
  for each in /sys/fs/cgroup/*/; do
    each=${each%/}
    read -r kind options < <(awk -v at="$each" '$5 == at { for (i = 6; $i != "-"; i++); print $(i + 1), $(i + 3) }' /proc/self/mountinfo | tail -1)
    umount "$each"
    if [ "$kind" = cgroup2 ]; then
      mount -t cgroup2 cgroup2 "$each"
    else
      options=${options#rw,}
      mount -t cgroup -o "${options/,xattr/}" cgroup "$each"
    fi
  done
  ip link set lo up
  "$@"
}
export -f inside

(
  for each in $(hierarchies); do echo "$BASHPID" > "$each/$name/cgroup.procs"; done
  # Ends with whoever waits for it, and with its first process everything that is left in it.
  exec setpriv --pdeathsig KILL unshare --mount --net --pid --cgroup --ipc --uts --fork --kill-child --mount-proc \
    bash -c 'inside "$@"' inside "$base" "$@"
) &
child=$!
trap 'kill -KILL "$child" 2> /dev/null' INT TERM
wait "$child"
