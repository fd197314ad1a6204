/*
 * owner: files for the user who started us, also under sudo(8).
 */
#ifndef HOPPROOF_BASE_OWNER_H
#define HOPPROOF_BASE_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

struct fault;

/*
 * The user behind sudo, when we are root on his behalf (SUDO_UID, SUDO_GID); false, and *uid and
 * *gid are those of the process, when not.
 */
bool owner_of_run(uid_t *uid, gid_t *gid);

/*
 * Create (or empty) a file that only its owner can read (mode 0600), for reading and writing, and
 * give it to that user. The last part of the path may not be a symbolic link, nor a file of another
 * user. The descriptor, or -1 with a fault.
 */
int owner_create(const char *path, struct fault *f);

/*
 * A file without a name in $TMPDIR, /var/tmp or /tmp, wherever 16 MiB are free; else in memory.
 * Descriptor, or -1, fault.
 */
int owner_temporary(struct fault *f);

#endif
