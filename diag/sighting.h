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

/* After plan_make: give each result the steps of its connections. */
void sighting_reenact(struct sighting *s, struct reenact *r);

/* After plan_make: what was asked of the time servers, and what they said. */
void sighting_clocks(struct sighting *s, struct reenact *r);

/* After sighting_reenact: what was left out, and why, as notes of the run. */
void sighting_note(const struct sighting *s, struct report *r);

#endif
