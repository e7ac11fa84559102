#!/usr/bin/env bash
# Writes the comment that a pull request gets: who gains and who loses what, whether the stacks are sound, and which
# resources change. It needs neither credentials nor a network.
#
#   review.sh BASE FILE
#
# Run it in the repository under review. BASE is the revision to compare with; FILE takes the comment. Where RECORDED_CALLS
# names a folder, the comment says too which of the calls in its files, prod.jsonl or prod.jsonl.gz for the stack prod,
# the change would refuse.
# Exit 1 if a stack's configuration is not sound; the comment is written all the same.
set -euo pipefail

base=$1
file=$2
program=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# GitHub takes comments of 65,536 characters at most.
most_bytes=60000
attributes=$(mktemp)
replayed=$(mktemp)
trap 'rm -f "$attributes" "$replayed"' EXIT
echo 'tests/golden/*.yaml diff=dump' >"$attributes"

egress() { node "$program/cli/egress.js" "$@" --stacks stacks; }

# Prints its input as far as it has room in BYTES, in whole lines, and says what is missing. A block or a fold that is cut
# ends there, or the rest of the comment would be a part of it.
cut_at() {
  awk -v most="$1" -v see="$2" '
    missing || (size += length($0) + 1) > most { missing++; next }
    match($0, /^````*/) { ticks = substr($0, 1, RLENGTH); block = block == "" ? ticks : (block == $0 ? "" : block) }
    block == "" { folds += gsub(/<details>/, "&") - gsub(/<\/details>/, "&") }
    { print }
    END {
      if (!missing) exit
      if (block != "") print block
      while (folds-- > 0) print "\n</details>"
      printf "\n… %d lines more: %s\n", missing, see
    }'
}

check_stacks() {
  local stack findings failed sound=0 stacks=(stacks/Pulumi.*.yaml)
  local room=$((most_bytes / 6 / ${#stacks[@]}))
  for stack in "${stacks[@]}"; do
    stack=${stack#stacks/Pulumi.}
    stack=${stack%.yaml}
    failed=0
    findings=$(egress check "$stack" 2>&1) || failed=$?
    findings=$(cut_at "$room" "run \`npx egress check $stack\`" <<<"$findings")
    if [ "$failed" -eq 0 ]; then
      printf '%s\n\n' "$findings"
    else
      sound=1
      printf '**Stack %s is not sound.**\n\n````text\n%s\n````\n\n' "$stack" "$findings"
    fi
  done
  return "$sound"
}

# What each change would break of what was called. Finding something (1) is what the comment is for, and no failure.
replay_stacks() {
  local recording stack found said
  for recording in "$RECORDED_CALLS"/*.jsonl "$RECORDED_CALLS"/*.jsonl.gz; do
    stack=$(basename "$recording" .gz)
    stack=${stack%.jsonl}
    [ -e "$recording" ] && [ -e "stacks/Pulumi.$stack.yaml" ] || continue
    found=0
    said=$(egress replay "$stack" --base "$base" --from "$recording" --markdown 2>&1 >"$replayed") || found=$?
    if [ "$found" -le 1 ] && [ -s "$replayed" ]; then
      printf '%s\n\n' "$(cat "$replayed")"
    else
      printf '### `%s`\n\nCannot be held against recorded calls.\n\n````text\n%s\n````\n\n' "$stack" "$said"
    fi
  done
}

# The dumps' difference: by patience, so that a resource that comes or goes is not taken for its neighbour, and with
# the title of the resource over each part.
golden_change() {
  git -c core.attributesFile="$attributes" -c diff.dump.xfuncname='^(# .*|--- # .*)$' \
    diff --no-color --no-ext-diff --patience "$@" "$base" -- 'tests/golden/*.yaml'
}

# Numbers of lines and of blobs tell a reader nothing.
without_numbers() {
  sed -E '/^index [0-9a-f]+\.\./d; s/^@@ -[0-9,]+ \+[0-9,]+ @@/@@/'
}

golden() {
  local room=$1
  if golden_change --quiet; then
    echo 'None: the golden dumps are as they were.'
    return
  fi
  printf '<details><summary>%s</summary>\n\n````diff\n' "$(golden_change --shortstat | sed 's/^ *//')"
  golden_change | without_numbers | cut_at "$room" 'see the files of the pull request'
  printf '````\n\n</details>\n'
}

sound=0
compared=0
diff=$(egress diff --base "$base" --markdown) || compared=$?
# 1 is a side that is not sound, and the comment says so; anything else is no comparison.
[ "$compared" -le 1 ] || exit "$compared"
checks=$(check_stacks) || sound=$?
calls=''
if [ -n "${RECORDED_CALLS:-}" ]; then
  calls=$(printf '\n## What is called and would be refused?\n\n%s\n' "$(replay_stacks | cut_at "$((most_bytes / 4))" 'run `npx egress replay`')")
fi

summary=$(
  cut_at "$((most_bytes / 2))" 'run `npx egress diff --base <revision>`' <<<"$diff"
  [ -z "$calls" ] || printf '%s\n' "$calls"
  printf '\n## Are the stacks sound?\n\n%s\n\n## Which resources change?\n\n' "$checks"
)
{
  printf '%s\n\n' "$summary"
  golden "$((most_bytes - $(wc -c <<<"$summary")))"
} >"$file"
exit "$sound"
