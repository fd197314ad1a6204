/* Time servers' answers: whatever comes, what is said of it is printable, and only ours counts. */
#include "diag/proto/ntp.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ntp_answer out;
    uint64_t cookie = 0;

    for (size_t i = 24; i < 32 && i < size; i++)
        cookie = cookie << 8 | data[i];
    ntp_read(data, size, cookie, &out);
    MUST(memchr(out.reference, '\0', sizeof out.reference) != NULL);
    for (const char *p = out.reference; *p != '\0'; p++)
        MUST(*p > ' ' && *p < 0x7f);
    MUST(out.kind != NTP_TIME || (size >= NTP_LEN && out.stratum >= 1 && out.stratum <= 15));
    MUST(size < NTP_LEN || out.kind != NTP_FOREIGN);
    ntp_read(data, size, cookie + 1, &out);
    MUST(out.kind == NTP_FOREIGN || size < NTP_LEN);
    return 0;
}
