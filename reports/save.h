/* save: a file that appears whole or not at all. */
#ifndef HOPPROOF_REPORTS_SAVE_H
#define HOPPROOF_REPORTS_SAVE_H

#include <stdio.h>

struct fault;

/* Writes the content; 0, or -1 with errno. */
typedef int save_writer(void *context, FILE *out);

/*
 * Write a file through `writer` under a temporary name in the same folder, then rename it. New
 * files have mode 0600; a file of ours that is replaced passes its mode and group on, so that an
 * administrator can open one for a collector. A symbolic link is refused, not followed; devices
 * and pipes are written to directly; "-" is standard output. SIGPIPE is ignored meanwhile.
 * 0, or -1 with a fault; an old file is untouched then, and no temporary one is left.
 */
int save(const char *path, save_writer *writer, void *context, struct fault *f);

/* A save_writer of what is in a struct buf; one that overflowed is an error. */
int save_buf(void *buf, FILE *out);

#endif
