/*
 * tagging: which service tags the resolved addresses are in, between the runner and the judge.
 *
 * Facts only: what an address outside of its service's tag means is the judge's to say.
 */
#ifndef HOPPROOF_TAGGING_H
#define HOPPROOF_TAGGING_H

struct arena;
struct fault;
struct report;
struct service_tags;
struct site;

/*
 * The site's service tags file into the arena; *out is NULL when the site has none. What is
 * doubtful about it becomes a note of the report. 0, or -1 with a fault when it cannot be used.
 */
int tagging_read(const struct site *s, struct arena *a, struct report *r, struct service_tags **out,
                 struct fault *f);

/*
 * Fill dns_detail.tags of every answer for an endpoint's own name ("ADDR=TAG,TAG"; "ADDR=" when no
 * tag has it) and site_info.tagged. Names of another cloud than the file's, or of a service that it
 * lacks, are left without; they, and names whose addresses are in no tag because a content network
 * has them, become notes. `t` may be NULL: nothing happens.
 */
void tagging_apply(const struct service_tags *t, struct report *r);

/* Notes on names that have a private endpoint (private link) and a public address here. */
void tagging_note_private_links(struct report *r);

#endif
