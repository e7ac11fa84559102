#!/usr/bin/env bash
# Puts a comment on a pull request, or edits the one that an earlier run has put there: it is found again by its first
# line, which nobody sees.
#
#   comment.sh OWNER/REPOSITORY NUMBER FILE
#
# Needs gh, with GH_TOKEN of the permission pull-requests: write.
set -euo pipefail

repository=$1
number=$2
file=$3
marker=$(head -n 1 "$file")

# Only a bot's: a person who quotes the comment keeps their own.
comment=$(gh api --paginate "repos/$repository/issues/$number/comments" \
  --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id" | awk 'NR == 1')

if [ -n "$comment" ]; then
  gh api --silent --method PATCH "repos/$repository/issues/comments/$comment" --field "body=@$file"
else
  gh api --silent --method POST "repos/$repository/issues/$number/comments" --field "body=@$file"
fi
