/* recording: see recording.h. */
#include "diag/recording.h"

#include "diag/options.h"

#include <stddef.h>

struct recording *recording_start(const struct options *o, struct report *r)
{
    (void)o;
    r->capture->enabled = false;
    r->capture->reason = "this version records no packets";
    return NULL;
}

void recording_wait(struct recording *rec)
{
    (void)rec;
}

void recording_stop(struct recording *rec)
{
    (void)rec;
}

void recording_keep(struct recording *rec)
{
    (void)rec;
}

void recording_free(struct recording *rec)
{
    (void)rec;
}
