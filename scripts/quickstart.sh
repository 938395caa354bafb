#!/bin/bash
# Installs what is missing, builds, and shows the main job in a private test host. Needs root on a Debian machine.
# Nothing outside of this directory is changed but the Debian packages that are installed; all traffic stays in network namespaces.
set -euo pipefail
cd "$(dirname "$0")/.."
if ((EUID != 0)); then
  echo 'quickstart.sh: network namespaces need root; run it with sudo' >&2
  exit 1
fi
scripts/install-dependencies.sh build
echo 'Building'
npm run --silent build >build.log 2>&1 || { tail -n 40 build.log; exit 1; }
exec node test/host/run-typescript.mjs scripts/quickstart.ts
