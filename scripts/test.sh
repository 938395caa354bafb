#!/bin/bash
# Installs what the tests need, builds, and runs every level: test.sh [LEVEL…]
#   lint        formatters, linters, types
#   unit        no root needed
#   codec       the C++ codec under sanitizers, and fuzzed for a while
#   kernel      through the typed API, in private network namespaces, with ip and nft as oracles
#   system      the installed program in a test host; packets decide
#   vm          the same on Debian's stock kernel with real VLANs, in a virtual machine
#   quickstart  the README's first command
# The last line is `N passed, N failed, N skipped`. A level that ran no test fails.
set -uo pipefail
cd "$(dirname "$0")/.."
if ((EUID != 0)); then
  echo 'test.sh: network namespaces need root; run it with sudo' >&2
  exit 1
fi
levels=("$@")
((${#levels[@]} > 0)) || levels=(lint unit codec kernel system vm quickstart)

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
passed=0 failed=0 skipped=0

# Adds a level's counts; its output is shown only when something is wrong.
count() { # LEVEL EXIT PASSED FAILED SKIPPED SECONDS
  local level=$1 code=$2 good=$3 bad=$4 left=$5
  if ((bad == 0 && (code != 0 || good == 0))); then
    bad=1
    echo "$level: ended with exit code $code after $good tests"
  fi
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
  echo "$level: $good passed, $bad failed, $left skipped in $6 s"
  if ((bad > 0)); then tail -n 150 "$reports/$level.log"; fi
}

# Runs a command that is one test: LEVEL NAME COMMAND…
checks=0 broken=0
check() {
  local name=$1
  shift
  if "$@" >"$reports/check.log" 2>&1; then
    checks=$((checks + 1))
  else
    broken=$((broken + 1))
    { echo "== $name"; cat "$reports/check.log"; } >>"$reports/lint.log"
  fi
}

run_vitest() { # LEVEL COMMAND…
  local level=$1 start=$SECONDS code counts
  shift
  NO_COLOR=1 "$@" --reporter=default --reporter=json --outputFile.json="$reports/$level.json" >"$reports/$level.log" 2>&1
  code=$?
  counts=$(node -e '
    const report = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    console.log(report.numPassedTests, report.numFailedTests, report.numPendingTests + report.numTodoTests);
    for (const file of report.testResults) for (const test of file.assertionResults)
      if (test.status === "pending" || test.status === "skipped") console.error("  skipped: " + test.fullName);
  ' "$reports/$level.json") || counts='0 0 0'
  # shellcheck disable=SC2086
  count "$level" "$code" $counts $((SECONDS - start))
}

# Counts from vitest's own summary, `Tests  N failed | N passed | N skipped (N)`: out of the VM comes only what is printed.
run_in_vm() {
  local start=$SECONDS code line number
  NO_COLOR=1 scripts/vm-test >"$reports/vm.log" 2>&1
  code=$?
  line=$(sed 's/\x1b\[[0-9;]*m//g' "$reports/vm.log" | grep -E '^ *Tests  ' | tail -n 1)
  number() { grep -oE "[0-9]+ $1" <<<"$line" | grep -oE '^[0-9]+' || echo 0; }
  count vm "$code" "$(number passed)" "$(number failed)" "$(number skipped)" $((SECONDS - start))
}

# Counts from a closing line `N passed, N failed[, N skipped]`.
run_counting() { # LEVEL COMMAND…
  local level=$1 start=$SECONDS code line
  shift
  "$@" >"$reports/$level.log" 2>&1
  code=$?
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$reports/$level.log" | tail -n 1)
  if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)? ]]; then
    count "$level" "$code" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[4]:-0}" $((SECONDS - start))
  else
    count "$level" "$code" 0 0 0 $((SECONDS - start))
  fi
}

run_level() {
  local start=$SECONDS
  case $1 in
    lint)
      : >"$reports/lint.log"
      check biome npx biome ci .
      check 'types of tests and benchmarks' npx tsc -p test
      check clang-format bash -c 'git ls-files "native/*.h" "native/*.cpp" "native/*.c" | xargs clang-format --dry-run --Werror'
      check clang-tidy scripts/tidy
      count lint $((broken > 0)) "$checks" "$broken" 0 $((SECONDS - start))
      ;;
    unit) run_vitest unit npx vitest run test/unit ;;
    codec) run_counting codec scripts/test-codec 15 ;;
    kernel) run_vitest kernel npx vitest run --config test/kernel/vitest.config.ts ;;
    system) run_vitest system npx vitest run --config test/system/vitest.config.ts ;;
    vm) run_in_vm ;;
    quickstart)
      if scripts/quickstart.sh >"$reports/quickstart.log" 2>&1; then
        count quickstart 0 1 0 0 $((SECONDS - start))
      else
        count quickstart 1 0 1 0 $((SECONDS - start))
      fi
      ;;
    *)
      echo "test.sh: no such level: $1" >&2
      exit 1
      ;;
  esac
}

scripts/install-dependencies.sh test || exit 1
echo 'Building'
npm run --silent build >"$reports/build.log" 2>&1 || { tail -n 60 "$reports/build.log"; exit 1; }
for level in "${levels[@]}"; do run_level "$level"; done
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
