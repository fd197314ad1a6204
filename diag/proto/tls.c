/* tls: see tls.h. */
#include "diag/proto/tls.h"

#include <string.h>

enum extension {
    EXT_SERVER_NAME = 0,
    EXT_ALPN = 16,
    EXT_PRE_SHARED_KEY = 41,
    EXT_EARLY_DATA = 42,
    EXT_SUPPORTED_VERSIONS = 43,
    EXT_KEY_SHARE = 51,
    EXT_ENCRYPTED_CLIENT_HELLO = 0xfe0d,
};

bool tls_is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/*
 * struct { ContentType type; ProtocolVersion legacy_record_version; uint16 length; opaque
 * fragment[length]; }: RFC 8446 section 5.1. Is the part of the header that is there possible?
 */
static bool header_possible(const uint8_t *p, size_t len)
{
    size_t fragment;

    if (len >= 1 && (p[0] < TLS_CHANGE_CIPHER_SPEC || p[0] > 24)) /* 24: heartbeat, RFC 6520 */
        return false;
    if (len >= 2 && p[1] != 3)
        return false;
    if (len >= 3 && p[2] > 4)
        return false;
    if (len < TLS_RECORD_HEADER)
        return len < 4 || p[3] <= TLS_FRAGMENT_MAX >> 8;
    fragment = (size_t)p[3] << 8 | p[4];
    /* Section 5.1: only application data may be empty. */
    return fragment <= TLS_FRAGMENT_MAX && (fragment > 0 || p[0] == TLS_APPLICATION_DATA);
}

enum decode tls_record(struct bytes *in, struct tls_record *out)
{
    size_t left = bytes_left(in);
    struct bytes at = *in;
    struct tls_record r;

    if (!header_possible(in->p, left < TLS_RECORD_HEADER ? left : TLS_RECORD_HEADER))
        return DECODE_INVALID;
    r.type = bytes_u8(&at);
    r.version = bytes_u16(&at);
    r.fragment = bytes_vec16(&at);
    if (at.truncated)
        return DECODE_TRUNCATED;
    *in = at;
    *out = r;
    return DECODE_OK;
}

enum decode tls_looks_like(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    size_t n = len < TLS_RECORD_HEADER ? len : TLS_RECORD_HEADER;

    if (!header_possible(p, n) || (n > 0 && p[0] != TLS_HANDSHAKE && p[0] != TLS_ALERT))
        return DECODE_INVALID;
    if (n == TLS_RECORD_HEADER && p[0] == TLS_ALERT && (p[3] != 0 || p[4] != 2))
        return DECODE_INVALID; /* nothing is encrypted yet */
    return n < TLS_RECORD_HEADER ? DECODE_TRUNCATED : DECODE_OK;
}

/*
 * What happened to `inner`, a part of `outer`, told to `outer`: a part that is all there and needs
 * more than its length is wrong; one that was cut with the message is not.
 */
static void settle(struct bytes *outer, const struct bytes *inner)
{
    if (inner->invalid || (inner->truncated && !outer->truncated))
        outer->invalid = true;
}

/* The same, where nothing may be left over. */
static void settle_whole(struct bytes *outer, const struct bytes *inner)
{
    settle(outer, inner);
    if (!outer->truncated && bytes_left(inner) > 0)
        outer->invalid = true;
}

/* A handshake message's body (RFC 8446 section 4); *whole is the cursor around it. */
static struct bytes open_message(struct bytes *whole, const void *message, size_t len,
                                 enum tls_message type)
{
    uint8_t seen;
    struct bytes body;

    *whole = bytes_of(message, len);
    seen = bytes_u8(whole);
    if (!whole->truncated && seen != type)
        whole->invalid = true;
    body = *whole; /* to look at the length first */
    if (bytes_u24(&body) > TLS_HANDSHAKE_MAX)
        whole->invalid = true;
    return bytes_vec24(whole);
}

static enum decode close_message(struct bytes *whole, const struct bytes *body)
{
    settle_whole(whole, body);
    return bytes_verdict(whole);
}

/* struct { NameType name_type; opaque HostName<1..2^16-1>; } server_name_list<1..2^16-1> */
static void read_server_name(struct bytes *data, struct tls_client_hello *out)
{
    struct bytes list = bytes_vec16(data);

    out->sni_extension = true;
    /* Ends: every entry takes at least three octets. */
    while (bytes_left(&list) > 0) {
        uint8_t type = bytes_u8(&list);
        struct bytes name = bytes_vec16(&list);

        if (!list.truncated && type == 0 && out->sni.p == NULL)
            out->sni = name;
    }
    settle(data, &list);
}

/* opaque ProtocolName<1..2^8-1>; ProtocolName protocol_name_list<2..2^16-1> */
static size_t read_alpn(struct bytes *data, struct bytes *out, size_t room)
{
    struct bytes list = bytes_vec16(data);
    size_t n = 0;

    /* Ends: every entry takes at least one octet. */
    while (bytes_left(&list) > 0) {
        struct bytes name = bytes_vec8(&list);

        if (!list.truncated && bytes_left(&name) == 0)
            list.invalid = true;
        if (bytes_ok(&list) && n < room)
            out[n++] = name;
    }
    settle(data, &list);
    return n;
}

/* ProtocolVersion versions<2..254> */
static void read_versions(struct bytes *data, struct tls_client_hello *out)
{
    struct bytes list = bytes_vec8(data);

    /* Ends: every entry takes two octets. */
    while (bytes_left(&list) > 0) {
        uint16_t version = bytes_u16(&list);

        if (list.truncated || tls_is_grease(version))
            continue;
        /* Drafts of 1.3 (0x7f..) are no newer than 1.3. */
        if (version > out->max_version && version <= 0x03ff)
            out->max_version = version;
        if (out->n_versions < TLS_MAX_LIST)
            out->versions[out->n_versions++] = version;
    }
    settle(data, &list);
}

/* struct { NamedGroup group; opaque key_exchange<1..2^16-1>; } client_shares<0..2^16-1> */
static void read_key_shares(struct bytes *data, struct tls_client_hello *out)
{
    struct bytes list = bytes_vec16(data);

    /* Ends: every entry takes at least four octets. */
    while (bytes_left(&list) > 0) {
        uint16_t group = bytes_u16(&list);
        struct bytes key = bytes_vec16(&list);

        out->key_share_len += bytes_left(&key);
        if (!list.truncated && !tls_is_grease(group) && out->n_key_shares < TLS_MAX_LIST)
            out->key_shares[out->n_key_shares++] = group;
    }
    settle(data, &list);
}

/*
 * The next extension of a hello; false when there is none left. `seen` refuses a second one of
 * the kinds we read (RFC 8446 section 4.2).
 */
static bool next_extension(struct bytes *list, uint16_t *type, struct bytes *data, uint64_t *seen)
{
    uint64_t bit;
    uint16_t len;

    if (bytes_left(list) == 0 || !bytes_ok(list))
        return false;
    *type = bytes_u16(list);
    len = bytes_u16(list);
    if (list->truncated)
        return false;
    *data = bytes_sub(list, len);
    bit = *type < 64 ? (uint64_t)1 << *type : 0;
    if ((*seen & bit) != 0)
        list->invalid = true;
    *seen |= bit;
    return !list->invalid;
}

static void read_client_extensions(struct bytes *list, struct tls_client_hello *out)
{
    struct bytes data;
    uint64_t seen = 0;
    uint16_t type;

    /* Ends: every extension takes at least four octets. */
    while (next_extension(list, &type, &data, &seen)) {
        switch (type) {
        case EXT_SERVER_NAME:
            read_server_name(&data, out);
            break;
        case EXT_ALPN:
            out->n_alpn = read_alpn(&data, out->alpn, TLS_MAX_LIST);
            break;
        case EXT_SUPPORTED_VERSIONS:
            out->max_version = 0;
            read_versions(&data, out);
            break;
        case EXT_KEY_SHARE:
            read_key_shares(&data, out);
            break;
        case EXT_PRE_SHARED_KEY:
            out->psk = true;
            continue;
        case EXT_EARLY_DATA:
            out->early_data = true;
            continue;
        case EXT_ENCRYPTED_CLIENT_HELLO:
            out->ech = true;
            continue;
        default:
            continue;
        }
        settle_whole(list, &data);
    }
}

/* RFC 8446 section 4.1.2; the same in RFC 5246 section 7.4.1.2. */
enum decode tls_client_hello(const void *message, size_t len, struct tls_client_hello *out)
{
    struct bytes whole, body, session, compression, list;
    struct bytes peek = bytes_of(message, len);

    *out = (struct tls_client_hello){0};
    bytes_skip(&peek, 1);
    out->len = bytes_u24(&peek);
    out->len = peek.truncated ? 0 : out->len + TLS_HANDSHAKE_HEADER;
    body = open_message(&whole, message, len, TLS_CLIENT_HELLO);
    if (whole.invalid)
        return DECODE_INVALID;
    out->legacy_version = out->max_version = bytes_u16(&body);
    if (!body.truncated && out->legacy_version >> 8 != 3)
        body.invalid = true;
    bytes_skip(&body, 32);
    session = bytes_vec8(&body);
    out->session_id_len = bytes_left(&session);
    if (out->session_id_len > 32)
        body.invalid = true;
    out->ciphers = bytes_vec16(&body);
    out->n_ciphers = bytes_left(&out->ciphers) / 2;
    if (bytes_ok(&body) && (bytes_left(&out->ciphers) % 2 != 0 || out->n_ciphers == 0))
        body.invalid = true;
    compression = bytes_vec8(&body);
    if (bytes_ok(&body) && bytes_left(&compression) == 0)
        body.invalid = true;
    if (bytes_ok(&body) && bytes_left(&body) > 0) { /* extensions are optional before 1.3 */
        list = bytes_vec16(&body);
        read_client_extensions(&list, out);
        settle(&body, &list);
    }
    return close_message(&whole, &body);
}

static void read_server_extensions(struct bytes *list, struct tls_server_hello *out)
{
    struct bytes data;
    uint64_t seen = 0;
    uint16_t type;

    /* Ends: every extension takes at least four octets. */
    while (next_extension(list, &type, &data, &seen)) {
        if (type == EXT_SUPPORTED_VERSIONS) {
            uint16_t version = bytes_u16(&data);

            if (!data.truncated)
                out->version = version;
        } else if (type == EXT_KEY_SHARE) {
            uint16_t group = bytes_u16(&data);

            if (!data.truncated)
                out->group = group;
            if (!out->hello_retry_request)
                bytes_vec16(&data);
        } else if (type == EXT_ALPN) {
            read_alpn(&data, &out->alpn, 1);
        } else {
            continue;
        }
        settle_whole(list, &data);
    }
}

/* RFC 8446 section 4.1.3: SHA-256 of "HelloRetryRequest". */
static const uint8_t retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

enum decode tls_server_hello(const void *message, size_t len, struct tls_server_hello *out)
{
    struct bytes whole, body, session, list;
    const uint8_t *random;

    *out = (struct tls_server_hello){0};
    body = open_message(&whole, message, len, TLS_SERVER_HELLO);
    if (whole.invalid)
        return DECODE_INVALID;
    out->version = bytes_u16(&body);
    if (!body.truncated && out->version >> 8 != 3)
        body.invalid = true;
    random = bytes_take(&body, sizeof retry_random);
    if (random != NULL) {
        out->hello_retry_request = memcmp(random, retry_random, sizeof retry_random) == 0;
        out->downgrade = memcmp(random + 24, "DOWNGRD", 7) == 0 && random[31] <= 1;
    }
    session = bytes_vec8(&body);
    if (bytes_left(&session) > 32)
        body.invalid = true;
    out->cipher = bytes_u16(&body);
    bytes_u8(&body); /* compression: always null since CRIME */
    if (bytes_ok(&body) && bytes_left(&body) > 0) {
        list = bytes_vec16(&body);
        read_server_extensions(&list, out);
        settle(&body, &list);
    }
    return close_message(&whole, &body);
}

/* opaque ASN.1Cert<1..2^24-1>; ASN.1Cert certificate_list<0..2^24-1>: RFC 5246 section 7.4.2 */
enum decode tls_certificates(const void *message, size_t len, struct tls_certificates *out)
{
    struct bytes whole, body, list;

    *out = (struct tls_certificates){.n = 0};
    body = open_message(&whole, message, len, TLS_CERTIFICATE);
    if (whole.invalid)
        return DECODE_INVALID;
    list = bytes_vec24(&body);
    /* Ends: every certificate takes at least three octets. */
    while (bytes_left(&list) > 0 && bytes_ok(&list)) {
        struct bytes der = bytes_vec24(&list);

        if (list.truncated)
            break;
        if (bytes_left(&der) == 0)
            list.invalid = true;
        else if (out->n < TLS_MAX_LIST)
            out->der[out->n++] = der;
        else
            out->more = true;
    }
    settle(&body, &list);
    return close_message(&whole, &body);
}

enum decode tls_alert(const void *fragment, size_t len, struct tls_alert *out)
{
    const uint8_t *p = fragment;

    if (len > 2 || (len > 0 && p[0] != 1 && p[0] != 2))
        return DECODE_INVALID;
    if (len < 2)
        return DECODE_TRUNCATED;
    *out = (struct tls_alert){.level = p[0], .description = p[1]};
    return DECODE_OK;
}
