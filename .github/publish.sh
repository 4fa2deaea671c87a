#!/bin/sh
# Publishes every package whose version the registry does not have. A provenance statement names the repository, and npm compares
# it with the manifest, so the manifests name the repository that the workflow runs in.
set -eu
: "${GITHUB_REPOSITORY:?is set in a workflow, such as owner/name}"
for manifest in packages/*/package.json; do
  folder=$(dirname "$manifest")
  (cd "$folder" && npm pkg set repository.type=git "repository.url=git+https://github.com/$GITHUB_REPOSITORY.git" \
    "repository.directory=$folder")
done
if [ "${1:-}" = --dry-run ]; then exit; fi
npx changeset publish
