/* errno_name: "ECONNREFUSED" for a number; facts in a report must not depend on the locale. */
#ifndef HOPPROOF_PROBES_ERRNO_NAME_H
#define HOPPROOF_PROBES_ERRNO_NAME_H

/* A static string, never NULL. */
const char *errno_name(int error);

#endif
