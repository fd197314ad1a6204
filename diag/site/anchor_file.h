/* anchor_file: is a file of trust anchors what it should be, before anything is probed? */
#ifndef HOPPROOF_SITE_ANCHOR_FILE_H
#define HOPPROOF_SITE_ANCHOR_FILE_H

struct arena;
struct fault;

/*
 * 0 where the file can be read and holds what looks like a certificate in PEM form (RFC 7468); else
 * -1 with a fault "FILE: ...". Whether the certificates can be decoded is seen when they are used.
 */
int anchor_file_check(struct arena *a, const char *path, struct fault *f);

#endif
