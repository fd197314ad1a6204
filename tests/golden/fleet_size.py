#!/usr/bin/env python3
"""fleet_size.py HOPPROOF: 500 reports of 30 endpoints on three routes become one page in bounds.

At most 2 s of processor time (whatever else the machine does), 256 MiB and 1 MB. A build with sanitizers
is held to the page's size only. The names in the schemas must stay what they are: others refer to them.
"""
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import make_samples  # noqa: E402
import problems  # noqa: E402

HOPPROOF, MOST_S, MOST_KIB, MOST_PAGE = str(pathlib.Path(sys.argv[1]).resolve()), 2.0, 256 * 1024, 1_000_000

for name in ("report", "fleet"):
    schema = json.loads((HERE / ("../../docs/%s.schema.json" % name)).read_text())
    problems.expect(schema["$id"] == "urn:hopproof:schema:%s:1" % name, "$id of %s is %s" % (name, schema["$id"]))

with tempfile.TemporaryDirectory() as folder:
    sample = make_samples.close(make_samples.large(30))
    sample["site"].update(name="SITE", sensor="SENSOR")
    text = json.dumps(sample)
    for i in range(500):
        pathlib.Path(folder, "%d.json" % i).write_text(
            text.replace('"SITE"', '"site %d"' % (i % 40)).replace('"SENSOR"', '"sensor-%d"' % i))
    page = pathlib.Path(folder, "fleet.html")
    done = subprocess.run([HOPPROOF, "report", *("%d.json" % i for i in range(500)), "-q", "--html", str(page)],
                          cwd=folder, capture_output=True, check=False)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, size = used.ru_utime + used.ru_stime, page.stat().st_size
    problems.expect(b"of 500 sensors at" in done.stdout, "the line says %s %s" % (done.stdout, done.stderr))
    problems.expect(size <= MOST_PAGE, "the page has %d bytes" % size)
    if b"__asan_init" not in pathlib.Path(HOPPROOF).read_bytes():
        problems.expect(seconds <= MOST_S, "%.2f s" % seconds)
        problems.expect(used.ru_maxrss <= MOST_KIB, "%d KiB" % used.ru_maxrss)
    print("500 reports of %d bytes: %.2f s, %d KiB, a page of %d bytes" % (len(text), seconds, used.ru_maxrss, size))
problems.end()
