#!/usr/bin/env bash
# No host build may unify leptos' `hydrate` into the server, no browser build its `ssr`: with both on, effects run on
# the server and pages panic. The last check feeds the same test a build that does, to show that it can fail.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

# usage: has_feature FEATURE CARGO-TREE-ARGUMENTS… → lists the offenders; true if there are any
has_feature() {
  local feature=$1 tree
  shift
  tree=$(cargo tree --locked --edges normal --prefix none --format '{p}|,{f},' "$@") || die "cargo tree failed"
  grep -q '^leptos ' <<<"$tree" || die "leptos is not in this build at all: cargo tree $*"
  grep -E '^(leptos|leptos_dom|leptos_router|reactive_graph|tachys) ' <<<"$tree" | grep -F ",$feature," | sort -u
}

server=(--package server --package emulator)
tests=("${server[@]}" --package app --package ui --features app/ssr,ui/ssr)
browser=(--package frontend --target wasm32-unknown-unknown)

! has_feature hydrate "${server[@]}" || die "the server is built with hydrate (see the packages above)"
! has_feature hydrate "${tests[@]}" || die "the host tests are built with hydrate (see the packages above)"
! has_feature ssr "${browser[@]}" || die "the browser bundle is built with ssr (see the packages above)"

has_feature hydrate "${tests[@]}" --features app/hydrate >/dev/null || die "this check no longer sees a unified hydrate"
has_feature ssr "${server[@]}" >/dev/null || die "this check no longer sees ssr in the server"
