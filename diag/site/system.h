/*
 * system: what this machine says of itself: resolv.conf(5) and hosts(5).
 *
 * Neither file is ever a reason to stop: a machine without resolvers is a diagnosis, and odd
 * lines are noted and skipped, as the C library does.
 */
#ifndef HOPPROOF_SITE_SYSTEM_H
#define HOPPROOF_SITE_SYSTEM_H

struct arena;
struct site;

/* Where the system keeps them; the tests have their own. */
#define SYSTEM_RESOLV_CONF "/etc/resolv.conf"
#define SYSTEM_UPSTREAMS   "/run/systemd/resolve/resolv.conf" /* behind the stub 127.0.0.53 */
#define SYSTEM_HOSTS       "/etc/hosts"

/*
 * Append the nameservers of `path` to s->resolvers (source: the path). When one is a
 * systemd-resolved stub, a note tells the servers behind it, read from `upstreams`.
 */
void system_resolvers(struct site *s, struct arena *a, const char *path, const char *upstreams);

/* Set s->hosts_file and s->hosts from `path`; nothing when there is no such file. */
void system_hosts(struct site *s, struct arena *a, const char *path);

#endif
