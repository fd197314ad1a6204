/* bundling: what goes into a bundle beside the report's own forms; see reports/bundle.h. */
#ifndef HOPPROOF_BUNDLING_H
#define HOPPROOF_BUNDLING_H

struct options;
struct redactor;
struct report;

/*
 * Write --bundle: the report (redacted here unless --no-redact, by `redactor` if it already was),
 * this machine's environment, the site file and the packets (a descriptor, or -1), the last three
 * only for a check, and the last two only unredacted. 0, or -1 after a complaint on standard error.
 */
int bundling_write(const struct options *o, struct report *r, struct redactor *redactor,
                   int packets);

#endif
