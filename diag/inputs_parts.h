/* inputs_parts: what the files of inputs share. Private to inputs. */
#ifndef HOPPROOF_INPUTS_PARTS_H
#define HOPPROOF_INPUTS_PARTS_H

#include <stdbool.h>

struct endpoints;
struct fault;
struct options;
struct secret;

/* Where they return an int: 0, or -1 with a fault. */

/* The fault of a reader, with the option that it is about in front. Always -1. */
int inputs_fault_of(struct fault *f, const char *option, const struct fault *why);

/* Can the file that an option names be read, and does it hold certificates? NULL is fine. */
int inputs_readable(const char *option, const char *path, struct fault *f);
int inputs_anchors(const struct options *o, const char *option, const char *path, struct fault *f);

/* What is to be checked: from the command line, else from the site file, else the default list. */
int inputs_endpoints(struct options *o, bool live, struct endpoints *from_file, struct fault *f);

/* The proxies of the command line, which replace those of the site file. */
int inputs_proxies(struct options *o, struct fault *f);

/* One password for all proxies that have none of their own, or an answer of the user for each. */
int inputs_passwords(struct options *o, const struct secret *password, struct fault *f);

/*
 * The pages of a secret are in no core file, but a request with credentials and what the TLS
 * library keeps stand in ordinary memory for a while. So there is none of this process from now on.
 */
void inputs_leave_no_core_file(void);

#endif
