/* story_tls: TLS records for stories, built octet by octet. */
#ifndef HOPPROOF_TESTS_WIRE_STORY_TLS_H
#define HOPPROOF_TESTS_WIRE_STORY_TLS_H

#include "diag/base/buf.h"

#include <stdbool.h>

/* Append what a word of the grammar stands for ("hello:NAME", "alert:40", ...); false: unknown. */
bool story_tls(struct buf *out, const char *word);

#endif
