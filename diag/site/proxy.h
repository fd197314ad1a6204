/*
 * proxy: the hops of a site and the routes over them, as people write them.
 */
#ifndef HOPPROOF_SITE_PROXY_H
#define HOPPROOF_SITE_PROXY_H

struct arena;
struct fault;
struct site;
struct site_proxy;

/*
 * "[http://|https://][user@]host[:port][/]" into *out: scheme, host, port, url, user; the rest is
 * left alone. Without a port it is 3128, the one that the vendor's article, its load balancer and
 * Squid use; RFC 3986 would say 80 or 443 and curl 1080, which hardly any such proxy listens on. A
 * password in it is refused, because command lines and site files are read by others; no fault
 * ever repeats it.
 */
int proxy_parse(struct arena *a, const char *text, struct site_proxy *out, struct fault *f);

/* A name that a hop may have: letters, digits, "-", "_", ".", and no word of the contract. */
int proxy_name_check(const char *name, struct fault *f);

/* Append a hop; without a name it becomes hop1, hop2, ... -1 with a fault when it is taken. */
int proxy_add(struct site *s, struct arena *a, struct site_proxy *p, struct fault *f);

/* Do its parts belong together: certificates with https, a password with a user? */
int proxy_check(const struct site_proxy *p, struct fault *f);

/* "direct", or names of the site's hops joined with ">", none twice. */
int route_check(const struct site *s, const char *route, struct fault *f);

#endif
