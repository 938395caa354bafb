#!/bin/bash
# A call with a file as a program without a shared connection makes it: four connections, to make a file on the host, to fill it, to run the
# command, and to remove the file: four-connections.sh KEY HOST FILE WRAPPER COMMAND [argument…]; the file's name is the last argument there.
set -euo pipefail
key=$1 host=$2 file=$3
shift 3
connect() {
  ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=10 -i "$key" \
    -o IdentitiesOnly=yes -o BatchMode=yes "root@$host" "$@"
}
there=$(connect 'mktemp /tmp/cs-extnet-bench-XXXXXX')
connect "cat > '$there' && chmod 600 '$there'" <"$file"
words=()
for word; do words+=("'${word//\'/\'\\\'\'}'"); done
connect "${words[*]} '$there'"
connect "rm -f '$there'"
