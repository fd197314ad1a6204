/* dns_outcome: see dns_outcome.h. */
#include "diag/model/dns_outcome.h"

enum { NOERROR = 0, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };

enum outcome dns_outcome_of_rcode(unsigned rcode, bool has_addresses)
{
    switch (rcode) {
    case NOERROR:
        return has_addresses ? OUTCOME_OK : OUTCOME_DNS_NODATA;
    case NXDOMAIN:
        return OUTCOME_DNS_NXDOMAIN;
    case SERVFAIL:
        return OUTCOME_DNS_SERVFAIL;
    case REFUSED:
        return OUTCOME_DNS_REFUSED;
    default:
        return OUTCOME_DNS_RCODE;
    }
}

int dns_outcome_weight(enum outcome o)
{
    switch (o) {
    case OUTCOME_OK:
        return 100;
    case OUTCOME_DNS_TCP_FAILED:
        return 60;
    case OUTCOME_DNS_SERVFAIL:
    case OUTCOME_DNS_REFUSED:
    case OUTCOME_DNS_RCODE:
    case OUTCOME_DNS_MALFORMED:
        return 50;
    case OUTCOME_DNS_UNREACHABLE:
        return 40;
    case OUTCOME_DNS_TIMEOUT:
        return 30;
    case OUTCOME_DNS_NXDOMAIN:
        return 20;
    case OUTCOME_DNS_NODATA:
        return 10;
    default:
        return 0;
    }
}

bool dns_outcome_is_definite(enum outcome o)
{
    return o == OUTCOME_OK || o == OUTCOME_DNS_NODATA || o == OUTCOME_DNS_NXDOMAIN;
}

bool dns_outcome_may_be_limit(enum outcome o)
{
    return o == OUTCOME_DNS_TIMEOUT || o == OUTCOME_DNS_REFUSED || o == OUTCOME_DNS_SERVFAIL;
}
