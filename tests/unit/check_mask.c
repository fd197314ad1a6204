/* mask: no credentials are left in a packet, whatever the capture has lost around it. */
#include "capture/mask.h"
#include "diag/base/fault.h"
#include "tests/unit/support.h"

enum { LINKTYPE_RAW = 101, HEADS = 40, FRAME_MAX = 400 };

#define REQUEST_BEGIN "CONNECT hub.example:443 HTTP/1.1\r\nHost: hub.example:443\r\n"
#define SECRET        "c2Vuc29yOnNlc2FtZQ=="

/* A capture with the segments of one client, in memory. */
struct recording {
    uint8_t bytes[4096];
    size_t len;
};

static void put(struct recording *r, const void *bytes, size_t len)
{
    ck_assert_uint_le(len, sizeof r->bytes - r->len);
    memcpy(r->bytes + r->len, bytes, len);
    r->len += len;
}

static void begin(struct recording *r)
{
    const uint32_t head[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, LINKTYPE_RAW};

    r->len = 0;
    put(r, head, sizeof head);
}

/* IPv4 and TCP around a text; the length of the frame. */
static size_t make_frame(uint8_t f[FRAME_MAX], uint32_t seq, const char *text)
{
    const size_t len = HEADS + strlen(text);
    static const uint8_t heads[HEADS] = {
        0x45, 0, 0,    0,    0, 1, 0x40, 0, 64, 6, 0, 0, 10,   0,    0,    5, 10, 0, 0, 9,
        0x9c, 0, 0x0c, 0x38, 0, 0, 0,    0, 0,  0, 0, 1, 0x50, 0x18, 0xff, 0, 0,  0, 0, 0};

    ck_assert_uint_le(len, FRAME_MAX);
    memcpy(f, heads, HEADS);
    f[2] = (uint8_t)(len >> 8);
    f[3] = (uint8_t)len;
    for (int i = 0; i < 4; i++)
        f[24 + i] = (uint8_t)(seq >> (24 - 8 * i));
    memcpy(f + HEADS, text, len - HEADS);
    return len;
}

static void segment(struct recording *r, uint32_t seq, const char *text)
{
    uint8_t frame[FRAME_MAX];
    const uint32_t len = (uint32_t)make_frame(frame, seq, text);
    const uint32_t head[4] = {1795000000, 0, len, len};

    put(r, head, sizeof head);
    put(r, frame, len);
}

/* What is left of a segment of that capture, in place of its text. */
static void masked(const struct recording *r, uint32_t seq, const char *text, char *out)
{
    struct wire_file *file = NULL;
    uint8_t frame[FRAME_MAX];
    size_t len = make_frame(frame, seq, text);
    struct fault f = {""};
    struct mask *m;

    ck_assert_msg(wire_read_memory(r->bytes, r->len, NULL, &file, &f) == 0, "%s", f.text);
    m = mask_new(file);
    ck_assert_ptr_nonnull(m);
    mask_frame(m, LINKTYPE_RAW, frame, len, (uint32_t)len);
    memcpy(out, frame + HEADS, len - HEADS);
    out[len - HEADS] = '\0';
    mask_free(m);
    wire_file_free(file);
}

START_TEST(credentials_are_overwritten_at_equal_length)
{
    static const char text[] =
        REQUEST_BEGIN "Proxy-Authorization: Basic " SECRET "\r\nVia: 1.1 x\r\n\r\n";
    char out[FRAME_MAX];
    struct recording r;

    begin(&r);
    segment(&r, 1000, text);
    masked(&r, 1000, text, out);
    ck_assert_str_eq(out, REQUEST_BEGIN
                     "Proxy-Authorization: Basic xxxxxxxxxxxxxxxxxxxx\r\nVia: 1.1 x\r\n\r\n");
}
END_TEST

START_TEST(a_secret_in_two_segments_is_overwritten_in_both)
{
    static const char first[] = REQUEST_BEGIN "Proxy-Authorization: Basic c2Vu";
    static const char second[] = "c29yOnNlc2FtZQ==\r\n\r\n";
    char out[FRAME_MAX];
    struct recording r;

    begin(&r);
    segment(&r, 1000, first);
    segment(&r, 1000 + sizeof first - 1, second);
    masked(&r, 1000 + sizeof first - 1, second, out);
    ck_assert_str_eq(out, "xxxxxxxxxxxxxxxx\r\n\r\n");
}
END_TEST

/* The capture lost a segment: what comes behind it is never read as a request. */
START_TEST(a_gap_in_the_capture_hides_no_secret_from_us)
{
    static const char text[] =
        "X: y\r\nproxy-authorization:\tDigest username=\"sensor\", uri=\"a:1\"\r\n"
        "Authorization: Basic " SECRET;
    char out[FRAME_MAX];
    struct recording r;

    begin(&r);
    segment(&r, 1000, "CONNECT hub.ex");
    segment(&r, 1100, text);
    masked(&r, 1100, text, out);
    ck_assert_str_eq(out, "X: y\r\nproxy-authorization:\tDigest xxxxxxxxxxxxxxxxxx xxxxxxxxx\r\n"
                          "Authorization: Basic xxxxxxxxxxxxxxxxxxxx");
}
END_TEST

START_TEST(what_is_no_credential_stays)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: a:80\r\nX-Authorisation: none\r\n:\r\n\r\n";
    char out[FRAME_MAX];
    struct recording r;

    begin(&r);
    segment(&r, 1000, text);
    masked(&r, 1000, text, out);
    ck_assert_str_eq(out, text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        credentials_are_overwritten_at_equal_length,
        a_secret_in_two_segments_is_overwritten_in_both,
        a_gap_in_the_capture_hides_no_secret_from_us,
        what_is_no_credential_stays,
    };

    return run_suite("mask", tests, ARRAY_LEN(tests));
}
