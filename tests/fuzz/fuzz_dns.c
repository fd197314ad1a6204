/* DNS messages: every string ends, every name can be asked for again. */
#include "diag/proto/dns.h"
#include "tests/fuzz/fuzz.h"

static void check_name(const char *name)
{
    uint8_t query[DNS_QUERY_ROOM];
    struct dns_message again;
    size_t len = dns_query(query, 1, name, DNS_A, 1232);

    MUST(strlen(name) < DNS_NAME_TEXT && len > 0);
    for (const char *s = name; *s != '\0'; s++)
        MUST(*s > ' ' && *s < 0x7f);
    MUST(dns_decode(query, len, &again) == DECODE_OK);
    MUST(strcmp(again.name, name) == 0);
}

/* Of a refusal of nothing the header is the answer, whatever stands behind it, or does not. */
static bool refuses_nothing(const struct dns_message *m)
{
    return m->response && m->rcode != 0 && m->counts[0] == 0 && m->counts[1] == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dns_message m, part;
    enum decode verdict = dns_decode(data, size, &m);
    size_t cut = split_of(data, size);

    if (m.name != NULL)
        check_name(m.name);
    MUST(m.n_cnames <= DNS_MAX_CNAMES && m.n_addresses <= DNS_MAX_ADDRESSES);
    for (size_t i = 0; i < m.n_cnames; i++)
        check_name(m.cnames[i]);
    for (size_t i = 0; i < m.n_errors; i++)
        MUST(strlen(m.errors[i].text) < sizeof m.pool);
    MUST(m.ttl >= -1 && m.ttl <= INT32_MAX && m.negative_ttl >= -1);
    MUST(verdict == DECODE_OK || m.trailing == 0);
    /* A beginning of what is right is never wrong. */
    if (verdict == DECODE_OK) {
        verdict = dns_decode(data, cut, &part);
        if (refuses_nothing(&m))
            MUST(verdict != DECODE_INVALID);
        else
            MUST(verdict == (cut + m.trailing < size ? DECODE_TRUNCATED : DECODE_OK));
    }
    return 0;
}
