/* Names as text: what makes a query comes back as the same name, and the same again. */
#include "diag/proto/dns.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t query[DNS_QUERY_ROOM], second[DNS_QUERY_ROOM];
    struct dns_message m;
    char *text = malloc(size + 1);
    size_t len;

    MUST(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    len = dns_query(query, 1, text, DNS_AAAA, 0);
    if (len > 0) {
        MUST(dns_decode(query, len, &m) == DECODE_OK);
        MUST(dns_same_name(text, m.name));
        MUST(dns_query(second, 1, m.name, DNS_AAAA, 0) == len);
        MUST(memcmp(query, second, len) == 0);
    }
    free(text);
    return 0;
}
