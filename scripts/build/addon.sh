#!/bin/sh
# Builds the addon (binding.gyp) into build/Release. Configuring anew each time is cheap, and make compiles only what changed.
set -eu
cd "$(dirname "$0")/../.."

# The headers of this very Node where they lie beside it (Node's own packages); otherwise node-gyp knows where to get them.
prefix=$(node -p 'require("path").resolve(process.execPath, "../..")')
if [ -e "$prefix/include/node/node_api.h" ]; then set -- --nodedir "$prefix" "$@"; fi
exec node_modules/.bin/node-gyp configure build --jobs "$(nproc)" "$@"
