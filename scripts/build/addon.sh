#!/bin/sh
# Builds the addon (binding.gyp) into build/Release. Configuring anew each time is cheap, and make compiles only what changed.
set -eu
cd "$(dirname "$0")/../.."
exec node_modules/.bin/node-gyp configure build --jobs "$(nproc)" "$@"
