#!/usr/bin/env bash
# Runs the pipeline once undisturbed and once killed five times at random, and compares what comes out, bit by bit.
set -euo pipefail
shopt -s inherit_errexit

usage() {
    cat <<'TEXT'
usage: demo.sh [--steps N] [--seed N]

  --steps N   of training; 3000 if not given, some 30 seconds on one core
  --seed N    of the kills, printed at the start; the same seed gives the same kinds and waits
TEXT
}

steps=3000
RANDOM=$$
seed=$RANDOM
while [[ $# -gt 0 ]]; do
    case $1 in
        --steps) steps=${2:?--steps needs a number}; shift 2 ;;
        --seed) seed=${2:?--seed needs a number}; shift 2 ;;
        -h | --help) usage; exit 0 ;;
        *) printf 'demo: unknown option %s\n' "$1" >&2; usage >&2; exit 2 ;;
    esac
done
RANDOM=$seed

kills=5
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
pawl=$here/../../pawl
place=$(mktemp -d "${TMPDIR:-/tmp}/pawl-demo-XXXXXX")
export PAWL_HOME=$place/home
driver=

say() {
    printf 'demo: %s\n' "$*"
}

give_up() {
    say "$*"
    say "what is left of it is in $place"
    trap - EXIT
    leave
    exit 1
}

# Only what this demonstration started: its own driver, and what lives in its own home.
leave() {
    local pid
    [[ -z $driver ]] || kill -KILL "$driver" 2> /dev/null || true
    for pid in $(processes supervise) $(processes train.py); do
        kill -KILL "$pid" 2> /dev/null || true
    done
}

finish() {
    leave
    rm -rf -- "$place"
}
trap finish EXIT

# The processes of this home with a word in their command line, as numbers.
processes() {
    local word=$1 folder
    for folder in /proc/[0-9]*; do
        if tr '\0' '\n' < "$folder/environ" 2> /dev/null | grep -qxF "PAWL_HOME=$PAWL_HOME" 2> /dev/null \
            && tr '\0' '\n' < "$folder/cmdline" 2> /dev/null | grep -qx -- "$word" 2> /dev/null; then
            printf '%s\n' "${folder#/proc/}"
        fi
    done 2> /dev/null || true
}

# The value at a path of keys in the JSON on standard input; nothing if there is none.
field() {
    /usr/bin/python3 -c '
import json, sys
try:
    print(eval(sys.argv[1], {"it": json.load(sys.stdin), "max": max}))
except (ValueError, KeyError, IndexError, TypeError, StopIteration):
    pass
' "$1"
}

phase() {
    "$pawl" get "$1" -o json 2> /dev/null | field 'it["status"]["phase"]'
}

digest() {
    "$pawl" get "$1" -o json | field 'next(p["value"] for n in it["status"]["nodes"].values() for p in n.get("outputs", {}).get("parameters", []) if p["name"] == "digest")'
}

# The number of the newest entry of a type in the chain of the step; 0 while there is none.
newest() {
    local entry
    entry=$(grep -ls "\"type\":\"$1\"" "$PAWL_HOME/store/steps/$run"/*-train-*/*.json | sed 's|.*/||; s|[.]json$||' | sort -n | tail -n 1) || true
    printf '%s\n' "${entry:-0}"
}

# The one run that is in this home and was not there before.
new_run() {
    local -a known=("$@")
    local id
    for _ in {1..300}; do
        for id in $("$pawl" list -o json 2> /dev/null | field '" ".join(w["metadata"]["uid"] for w in it)'); do
            if [[ " ${known[*]-} " != *" $id "* ]]; then
                printf '%s\n' "$id"
                return
            fi
        done
        sleep 0.2
    done
    return 1
}

# Starts a verb that drives the run, in the background.
drive() {
    "$pawl" "$@" < /dev/null >> "$place/driver.log" 2>&1 &
    driver=$!
    # Or bash would report its death in the middle of ours.
    disown "$driver"
}

driven() {
    kill -0 "$driver" 2> /dev/null
}

# A run that nobody drives goes on; after a notice to a host that stays, too.
keep_driven() {
    if ! driven; then
        [[ $(phase "$run") == Running ]] || give_up "run $run ended after $killed of $kills kills: give it more --steps"
        drive resume "$run"
    fi
}

strike() {
    local -a pids=()
    case $1 in
        'SIGKILL of the trainer') mapfile -t pids < <(processes train.py); [[ ${#pids[@]} -gt 0 ]] && kill -KILL "${pids[@]}" ;;
        'SIGTERM of the trainer') mapfile -t pids < <(processes train.py); [[ ${#pids[@]} -gt 0 ]] && kill -TERM "${pids[@]}" ;;
        'SIGKILL of the supervisor') mapfile -t pids < <(processes supervise); [[ ${#pids[@]} -gt 0 ]] && kill -KILL "${pids[@]}" ;;
        'SIGKILL of the engine and all it started')
            driven || return 1
            mapfile -t pids < <(processes supervise; processes train.py)
            [[ ${#pids[@]} -gt 0 ]] && kill -KILL "$driver" "${pids[@]}"
            ;;
        'SIGKILL of the engine') driven && kill -KILL "$driver" ;;
        'a notice of 10 seconds') "$pawl" preempt "$run" --notice 10s < /dev/null >> "$place/driver.log" 2>&1 ;;
    esac
}

/usr/bin/python3 -c 'import torch' 2> /dev/null || give_up "/usr/bin/python3 has no torch: apt-get install python3-torch"
"$pawl" --version > /dev/null

say "undisturbed: $steps steps"
"$pawl" run "$here/pipeline.yaml" -p "steps=$steps" -p "step-log=$place/whole.log" < /dev/null > "$place/whole.out" 2>&1 \
    || { cat -- "$place/whole.out"; give_up "the undisturbed run failed"; }
whole=$(new_run)
expected=$(digest "$whole")
say "undisturbed: $(wc -l < "$place/whole.log") steps executed, digest $expected"

say "disturbed: $steps steps, kills with --seed $seed"
drive run "$here/pipeline.yaml" -p "steps=$steps" -p "step-log=$place/killed.log"
run=$(new_run "$whole") || give_up "the run did not start, see $place/driver.log"

mapfile -t kinds < <(printf '%s\n' \
    'SIGKILL of the trainer' 'SIGTERM of the trainer' 'SIGKILL of the supervisor' \
    'SIGKILL of the engine' 'SIGKILL of the engine and all it started' 'a notice of 10 seconds' \
    | while read -r line; do printf '%05d %s\n' "$RANDOM" "$line"; done | sort | cut -d ' ' -f 2-)

killed=0 before=0 tries=0
while [[ $killed -lt $kills ]]; do
    # Each kill waits for a new checkpoint of the attempt that runs, and then hits anywhere.
    waited=0
    until at=$(newest Checkpointed); [[ $at -gt $before && $at -gt $(newest Claimed) && -n $(processes train.py) ]]; do
        keep_driven
        waited=$((waited + 1))
        [[ $waited -lt 600 ]] || give_up "no new checkpoint since entry $before"
        sleep 0.1
    done
    sleep "$((RANDOM % 2)).$((RANDOM % 10))"
    kind=${kinds[tries % ${#kinds[@]}]}
    tries=$((tries + 1))
    [[ $tries -le 30 ]] || give_up "$killed of $kills kills in $tries tries, see $place/driver.log"
    if strike "$kind"; then
        killed=$((killed + 1))
        before=$(newest Checkpointed)
        say "kill $killed: $kind, after $(wc -l < "$place/killed.log") executed steps"
    else
        keep_driven
    fi
done

# It may end between a look at it and the next, so here nobody asks why no engine is there.
until [[ $(phase "$run") != Running ]]; do
    driven || drive resume "$run"
    sleep 0.3
done
driver=
[[ $(phase "$run") == Succeeded ]] || { tail -n 40 -- "$place/driver.log"; give_up "run $run ended as $(phase "$run")"; }

got=$(digest "$run")
executed=$(wc -l < "$place/killed.log")
say "undisturbed digest $expected"
say "disturbed digest   $got"
say "steps executed $executed, needed $steps: $((executed - steps)) repeated over $killed kills"
# Each line is a step and the images it learned from: a step that is repeated must have the same ones.
[[ $(sort -u -- "$place/killed.log") == "$(sort -u -- "$place/whole.log")" ]] || give_up "an image was left out, or used for another step"
[[ $got == "$expected" && -n $got ]] || give_up "the digests differ"
say "equal, bit by bit"
