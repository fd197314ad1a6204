/*
 * inputs: the site that a command works on, from site file, flags, this machine and the user.
 */
#ifndef HOPPROOF_INPUTS_H
#define HOPPROOF_INPUTS_H

struct fault;
struct options;
struct secret;

/*
 * Make o->site from the raw options. Flags replace what the site file says: endpoints as a whole
 * (with what the site file knows of the same ones), proxies as a whole, every other wish by
 * itself. For check also the system's resolvers and hosts file, and the passwords: `password`
 * (may be NULL, stays the caller's) serves every proxy that has a user and no password file;
 * without it the user is asked where standard input is a terminal. 0, or -1 with a fault.
 */
int inputs_read(struct options *o, const struct secret *password, struct fault *f);

/*
 * For commands without a network: where the site has no endpoint, the built-in default list. 0, or
 * -1 with a fault.
 */
int inputs_default_endpoints(struct options *o, struct fault *f);

#endif
