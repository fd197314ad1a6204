/*
 * squid_other: values of ACL types that depend on more than the request, as far as Squid refuses a
 * file for them. Measured against Squid 5.7.
 */
#ifndef HOPPROOF_SITE_SQUID_OTHER_H
#define HOPPROOF_SITE_SQUID_OTHER_H

/* What a good value of this type looks like where Squid refuses this one; NULL: it takes it. */
const char *squid_other_refused(const char *type, const char *value);

#endif
