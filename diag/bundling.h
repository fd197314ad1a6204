/* bundling: what goes into a bundle beside the report's own forms; see reports/bundle.h. */
#ifndef HOPPROOF_BUNDLING_H
#define HOPPROOF_BUNDLING_H

struct options;
struct packets;
struct redactor;
struct report;

/*
 * Write --bundle: the report (redacted here unless --no-redact, by `redactor` if it already was),
 * the packets, where there are any, and, of a check, this machine's environment and the site file.
 * 0, or -1 after a complaint on standard error.
 */
int bundling_write(const struct options *o, struct report *r, const struct packets *packets,
                   struct redactor *redactor);

#endif
