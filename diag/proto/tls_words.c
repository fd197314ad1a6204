/* tls_words: the names of the numbers in tls.h, as IANA registers them. */
#include "diag/proto/tls.h"

#include <stdio.h>
#include <stdlib.h>

struct word {
    unsigned number;
    const char *name;
};

static int compare(const void *number, const void *entry)
{
    unsigned n = *(const unsigned *)number, m = ((const struct word *)entry)->number;

    return n < m ? -1 : n > m;
}

static const char *hex(unsigned number, char *to)
{
    snprintf(to, TLS_NAME_ROOM, "0x%04x", number);
    return to;
}

const char *tls_cipher_name(unsigned cipher, char *to)
{
    static const struct word words[] = {
#define CIPHER(number, name) {number, #name},
#include "diag/proto/tls_cipher.def"
#undef CIPHER
    };
    const struct word *w =
        bsearch(&cipher, words, sizeof words / sizeof words[0], sizeof words[0], compare);

    return w != NULL ? w->name : hex(cipher, to);
}

const char *tls_group_name(unsigned group, char *to)
{
    static const struct word words[] = {
        {0x0015, "secp224r1"},
        {0x0016, "secp256k1"},
        {0x0017, "secp256r1"},
        {0x0018, "secp384r1"},
        {0x0019, "secp521r1"},
        {0x001a, "brainpoolP256r1"},
        {0x001b, "brainpoolP384r1"},
        {0x001c, "brainpoolP512r1"},
        {0x001d, "x25519"},
        {0x001e, "x448"},
        {0x0100, "ffdhe2048"},
        {0x0101, "ffdhe3072"},
        {0x0102, "ffdhe4096"},
        {0x0103, "ffdhe6144"},
        {0x0104, "ffdhe8192"},
        {0x0200, "MLKEM512"},
        {0x0201, "MLKEM768"},
        {0x0202, "MLKEM1024"},
        {0x11eb, "SecP256r1MLKEM768"},
        {0x11ec, "X25519MLKEM768"},
        {0x11ed, "SecP384r1MLKEM1024"},
        {0x6399, "X25519Kyber768Draft00"},
    };
    const struct word *w =
        bsearch(&group, words, sizeof words / sizeof words[0], sizeof words[0], compare);

    return w != NULL ? w->name : hex(group, to);
}

const char *tls_version_name(unsigned version, char *to)
{
    switch (version) {
    case TLS_SSL30:
        return "SSLv3";
    case TLS_10:
        return "TLSv1.0";
    case TLS_11:
        return "TLSv1.1";
    case TLS_12:
        return "TLSv1.2";
    case TLS_13:
        return "TLSv1.3";
    default:
        return hex(version, to);
    }
}

const char *tls_alert_name(unsigned description)
{
    switch (description) {
#define ALERT(number, name)                                                                        \
    case number:                                                                                   \
        return #name;
#include "diag/proto/tls_alert.def"
#undef ALERT
    default:
        return NULL;
    }
}

const char *tls_message_name(unsigned type)
{
    static const char *const names[] = {
        [0] = "hello_request",        [1] = "client_hello",       [2] = "server_hello",
        [3] = "hello_verify_request", [4] = "new_session_ticket", [5] = "end_of_early_data",
        [8] = "encrypted_extensions", [11] = "certificate",       [12] = "server_key_exchange",
        [13] = "certificate_request", [14] = "server_hello_done", [15] = "certificate_verify",
        [16] = "client_key_exchange", [20] = "finished",          [21] = "certificate_url",
        [22] = "certificate_status",  [23] = "supplemental_data", [24] = "key_update",
    };

    return type < sizeof names / sizeof names[0] ? names[type] : NULL;
}
