/* Handshake messages: slices stay inside, and a beginning of what is right is never wrong. */
#include "diag/proto/tls.h"
#include "tests/fuzz/fuzz.h"

static void check_inside(const struct bytes *slice, const uint8_t *data, size_t size)
{
    MUST(slice->p == NULL || (slice->p >= data && slice->end <= data + size));
    MUST(slice->p <= slice->end);
}

/* The verdict over a part of a message whose verdict is known. */
static void check_cut(enum decode whole, enum decode part, size_t message, size_t cut)
{
    if (whole == DECODE_OK)
        MUST(part == (cut < message ? DECODE_TRUNCATED : DECODE_OK));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cut = split_of(data, size), message = 0;
    struct tls_certificates certificates;
    struct tls_client_hello client;
    struct tls_server_hello server;
    struct tls_alert alert;
    char name[TLS_NAME_ROOM];
    enum decode whole;

    if (size >= 4)
        message = 4 + ((size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3]);
    whole = tls_client_hello(data, size, &client);
    check_inside(&client.sni, data, size);
    check_inside(&client.ciphers, data, size);
    for (size_t i = 0; i < client.n_alpn; i++)
        check_inside(&client.alpn[i], data, size);
    check_cut(whole, tls_client_hello(data, cut, &client), message, cut);

    whole = tls_server_hello(data, size, &server);
    check_inside(&server.alpn, data, size);
    tls_cipher_name(server.cipher, name);
    tls_group_name(server.group, name);
    tls_version_name(server.version, name);
    check_cut(whole, tls_server_hello(data, cut, &server), message, cut);

    whole = tls_certificates(data, size, &certificates);
    for (size_t i = 0; i < certificates.n; i++)
        check_inside(&certificates.der[i], data, size);
    check_cut(whole, tls_certificates(data, cut, &certificates), message, cut);

    tls_alert(data, size, &alert);
    tls_looks_like(data, size);
    return 0;
}
