#!/bin/sh
# layout.sh must refuse what it is there to refuse: one wrong file at a time, in a copy of the tree.
set -eu
here=$(CDPATH='' cd -- "$(dirname "$0")" && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r "$here/../../diag" "$here/../../probes" "$here/../../capture" "$here/../../reports" "$copy"
"$here/layout.sh" "$copy" || { echo "the tree itself is wrong"; exit 1; }
failed=0

refuse() {
    printf '%s\n' "$2" >"$copy/$1"
    if "$here/layout.sh" "$copy" >/dev/null; then
        echo "not refused: $1: $2"
        failed=1
    fi
    rm "$copy/$1"
}

refuse diag/base/zz.c '#include "diag/model/report.h"'
refuse diag/model/zz.h '#include "diag/proto/dns.h"'
refuse diag/proto/zz.c '#include "diag/model/report.h"'
refuse diag/site/zz.c '#include "diag/judge/judge.h"'
refuse diag/judge/zz.c '#include "probes/probe.h"'
refuse diag/judge/zz.c '#include "diag/proto/tls.h"'
refuse probes/zz.c '#include "capture/recorder.h"'
refuse probes/zz.c '#include "diag/judge/judge.h"'
refuse capture/zz.c '#include "probes/loop.h"'
refuse reports/zz.c '#include "diag/judge/judge.h"'
refuse reports/zz.c '#include "diag/plan.h"'
refuse probes/zz.c '#include <pcap/pcap.h>'
refuse capture/zz.c '#  include  <openssl/ssl.h>'
refuse diag/judge/zz.c '#include <jansson.h>'
refuse diag/site/zz.c '#include <ares.h>'
refuse diag/judge/zz.c 'int f(void) { return time(0) > 0; }'
refuse diag/proto/zz.c 'int f(void) { return socket(1, 1, 1); }'
exit $failed
