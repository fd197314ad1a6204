/*
 * sighting: endpoints, hops and routes recognised in a capture: from DNS answers, CONNECT heads
 * and server names. What the user said in the site file or by flags stands above what is guessed.
 */
#ifndef HOPPROOF_SIGHTING_H
#define HOPPROOF_SIGHTING_H

#include "capture/wire.h"
#include "diag/model/report.h"
#include "diag/model/site.h"
#include "diag/reenact.h"

#include <stddef.h>

struct arena;
struct sighting;

/*
 * Look through the capture. What the site does not say yet is put into it: proxies (all that were
 * asked for a CONNECT), endpoints (all that anybody wanted to reach), routes (those that were
 * used). `a` is the arena of the site.
 */
struct sighting *sighting_new(struct site *s, struct arena *a, const struct wire_file *file);

/* Connections to something that is no endpoint of the site, or through a proxy that is none. */
size_t sighting_strangers(const struct sighting *s);

/* After plan_make: give each result the steps of its connections. */
void sighting_reenact(struct sighting *s, struct reenact *r);

#endif
