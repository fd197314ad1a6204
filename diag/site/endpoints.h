/*
 * endpoints: the list of what must be reached, collected from many places without duplicates.
 *
 * The first source of an endpoint stays its source. An endpoint that one source requires is
 * required, even where another calls it optional.
 */
#ifndef HOPPROOF_SITE_ENDPOINTS_H
#define HOPPROOF_SITE_ENDPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct endpoints;
struct fault;
struct site;

enum {
    ENDPOINTS_MAX = 100000,               /* endpoints in one run */
    ENDPOINTS_FILE_MAX = 64 * 1024 * 1024 /* octets of one list */
};

/* What a source says beside the name itself; zero and NULL where it says nothing. */
struct endpoint_facts {
    uint16_t port;              /* unless the text has one */
    const char *service;        /* what it is for */
    const char *expect_address; /* "public" or "private" */
    bool optional;
    bool plain; /* no TLS is spoken there */
};

/* An empty list in the arena. */
struct endpoints *endpoints_new(struct arena *a);

size_t endpoints_count(const struct endpoints *e);

/*
 * Add one: host, host:port, URL or wildcard. 0 also when it was there already; -1 with a fault
 * (without a place in front: the caller knows it) when it is none.
 */
int endpoints_add(struct endpoints *e, const char *text, size_t len,
                  const struct endpoint_facts *facts, const char *source, struct fault *f);

/*
 * Add all of a file: JSON, CSV or plain text, told apart by content. 0, or -1 with a fault
 * "FILE:LINE: ..." when it cannot be read, is broken, or names no endpoint at all.
 */
int endpoints_add_file(struct endpoints *e, const char *path, struct fault *f);

/* The same of bytes in memory; `name` stands for the file in sources and faults. */
int endpoints_add_bytes(struct endpoints *e, const char *name, const char *bytes, size_t len,
                        struct fault *f);

/* What `from` knows of the same endpoints (service, optional, expected address) is added to `e`. */
void endpoints_borrow(struct endpoints *e, struct endpoints *from);

/* Hand the list over to the site, and what was noticed to its notes. */
void endpoints_give(struct endpoints *e, struct site *s);

#endif
