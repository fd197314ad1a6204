/*
 * again: which options of the command line a test of one result needs too, for the report's "test
 * again" lines.
 */
#ifndef HOPPROOF_AGAIN_H
#define HOPPROOF_AGAIN_H

struct options;
struct report;

/*
 * Fill in run.again, one word an option: "--option=value" or "--flag". A site file stands for all
 * that it says. Outputs, bounds of the whole run and the choice of endpoints and routes are left
 * out; passwords are never in it, only the files that were named for them.
 */
void again_note(const struct options *o, struct report *r);

#endif
