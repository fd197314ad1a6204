/* dns_words: the names of the numbers in dns.h, as IANA registers them. */
#include "diag/proto/dns.h"

static const char *word(const char *const *table, size_t n, unsigned number)
{
    return number < n ? table[number] : NULL;
}

const char *dns_rcode_name(unsigned rcode)
{
    static const char *const names[] = {
        [0] = "NOERROR",  [1] = "FORMERR", [2] = "SERVFAIL",  [3] = "NXDOMAIN",
        [4] = "NOTIMP",   [5] = "REFUSED", [6] = "YXDOMAIN",  [7] = "YXRRSET",
        [8] = "NXRRSET",  [9] = "NOTAUTH", [10] = "NOTZONE",  [11] = "DSOTYPENI",
        [16] = "BADVERS", [17] = "BADKEY", [18] = "BADTIME",  [19] = "BADMODE",
        [20] = "BADNAME", [21] = "BADALG", [22] = "BADTRUNC", [23] = "BADCOOKIE",
    };

    return word(names, sizeof names / sizeof names[0], rcode);
}

const char *dns_type_name(unsigned type)
{
    static const char *const names[] = {
        [1] = "A",      [2] = "NS",      [5] = "CNAME",  [6] = "SOA",   [12] = "PTR",
        [13] = "HINFO", [15] = "MX",     [16] = "TXT",   [28] = "AAAA", [33] = "SRV",
        [35] = "NAPTR", [39] = "DNAME",  [41] = "OPT",   [43] = "DS",   [46] = "RRSIG",
        [47] = "NSEC",  [48] = "DNSKEY", [50] = "NSEC3", [52] = "TLSA", [64] = "SVCB",
        [65] = "HTTPS", [255] = "ANY",
    };

    return word(names, sizeof names / sizeof names[0], type);
}

const char *dns_error_name(unsigned code)
{
    static const char *const names[] = {
        "Other Error",
        "Unsupported DNSKEY Algorithm",
        "Unsupported DS Digest Type",
        "Stale Answer",
        "Forged Answer",
        "DNSSEC Indeterminate",
        "DNSSEC Bogus",
        "Signature Expired",
        "Signature Not Yet Valid",
        "DNSKEY Missing",
        "RRSIGs Missing",
        "No Zone Key Bit Set",
        "NSEC Missing",
        "Cached Error",
        "Not Ready",
        "Blocked",
        "Censored",
        "Filtered",
        "Prohibited",
        "Stale NXDomain Answer",
        "Not Authoritative",
        "Not Supported",
        "No Reachable Authority",
        "Network Error",
        "Invalid Data",
        "Signature Expired before Valid",
        "Too Early",
        "Unsupported NSEC3 Iterations Value",
        "Unable to conform to policy",
        "Synthesized",
        "Invalid Query Type",
    };

    return word(names, sizeof names / sizeof names[0], code);
}
