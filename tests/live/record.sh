#!/bin/sh
# Record the given tests from each provider whose key is set; BIN holds the Python to use.
set -u
recorded=0
for provider in minimax mara; do
    case $provider in
    minimax) variable=MINIMAX_API_KEY key=${MINIMAX_API_KEY:-} ;;
    mara) variable=MARA_API_KEY key=${MARA_API_KEY:-} ;;
    esac
    if [ -z "$key" ]; then
        echo "$variable is not set: nothing is recorded from $provider."
        continue
    fi
    # Cassettes of tests that fail are kept: they show what the provider answers.
    RECORD_LIVE=$provider "$BIN/python" -m pytest -q --benchmark-disable \
        --record-mode=rewrite "$@" || recorded=1
done
exit $recorded
