/*
 * tls: the part of TLS that is sent in the clear: records and handshake messages up to the change
 * of keys (RFC 8446 sections 4 to 6, RFC 5246 sections 6 and 7). See tls_stream.h for the reader
 * of a whole direction of a connection.
 *
 * Slices point into the caller's bytes; an absent one has p == NULL.
 */
#ifndef HOPPROOF_PROTO_TLS_H
#define HOPPROOF_PROTO_TLS_H

#include "diag/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TLS_RECORD_HEADER = 5,
    TLS_FRAGMENT_MAX = 16384 + 2048, /* RFC 5246 section 6.2.3, the loosest of the limits */
    TLS_HANDSHAKE_HEADER = 4,
    TLS_HANDSHAKE_MAX = 256 * 1024, /* ours: a certificate list larger than that is an attack */
    TLS_MAX_LIST = 16,              /* versions, groups, protocols, certificates kept */
    TLS_NAME_ROOM = 48,
};

enum tls_content {
    TLS_CHANGE_CIPHER_SPEC = 20,
    TLS_ALERT = 21,
    TLS_HANDSHAKE = 22,
    TLS_APPLICATION_DATA = 23,
};

enum tls_message {
    TLS_CLIENT_HELLO = 1,
    TLS_SERVER_HELLO = 2,
    TLS_NEW_SESSION_TICKET = 4,
    TLS_CERTIFICATE = 11,
    TLS_SERVER_KEY_EXCHANGE = 12,
    TLS_CERTIFICATE_REQUEST = 13,
    TLS_SERVER_HELLO_DONE = 14,
    TLS_CERTIFICATE_VERIFY = 15,
    TLS_CLIENT_KEY_EXCHANGE = 16,
    TLS_FINISHED = 20,
    TLS_CERTIFICATE_STATUS = 22,
};

enum tls_version {
    TLS_SSL30 = 0x0300,
    TLS_10 = 0x0301,
    TLS_11 = 0x0302,
    TLS_12 = 0x0303,
    TLS_13 = 0x0304,
};

struct tls_record {
    uint8_t type; /* enum tls_content */
    uint16_t version;
    struct bytes fragment;
};

/*
 * Take the next record off *in. DECODE_TRUNCATED leaves *in where it was, so that the call can be
 * repeated with more bytes; DECODE_INVALID: this is not TLS.
 */
enum decode tls_record(struct bytes *in, struct tls_record *out);

/*
 * Could these first bytes of one direction be TLS? OK with the five octets of a plausible header
 * of a handshake or alert record; TRUNCATED while fewer, all of them right; INVALID otherwise.
 */
enum decode tls_looks_like(const void *bytes, size_t len);

struct tls_client_hello {
    size_t len;              /* of the whole message as announced, with its 4 octets of header */
    uint16_t legacy_version; /* on the wire of TLS 1.3 always 0x0303 */
    size_t session_id_len;
    size_t n_ciphers;
    struct bytes ciphers;            /* two octets each, as they stand */
    struct bytes sni;                /* host_name of RFC 6066 section 3, raw */
    bool sni_extension;              /* the extension is there, whatever it holds */
    struct bytes alpn[TLS_MAX_LIST]; /* RFC 7301 */
    size_t n_alpn;
    uint16_t versions[TLS_MAX_LIST]; /* supported_versions, GREASE left out */
    size_t n_versions;
    uint16_t max_version;              /* newest offered, from the extension or legacy_version */
    uint16_t key_shares[TLS_MAX_LIST]; /* groups, GREASE left out */
    size_t n_key_shares;
    size_t key_share_len; /* octets of all key shares: what made the hello large */
    bool ech;             /* encrypted_client_hello: `sni` may be a decoy */
    bool early_data, psk;
};

struct tls_server_hello {
    uint16_t version; /* chosen: supported_versions, else the legacy field */
    uint16_t cipher;
    bool hello_retry_request; /* RFC 8446 section 4.1.3 */
    uint16_t group;           /* of the key share (also of a retry request); 0 when none */
    struct bytes alpn;        /* TLS 1.2 only: in 1.3 it is encrypted */
    bool downgrade;           /* random ends in the sentinel of a 1.3 server that was talked down */
};

struct tls_certificates {
    struct bytes der[TLS_MAX_LIST]; /* as presented, leaf first */
    size_t n;
    bool more; /* further ones did not fit */
};

struct tls_alert {
    uint8_t level; /* 1 warning, 2 fatal */
    uint8_t description;
};

/*
 * Each takes one handshake message from its 4-octet header on. DECODE_TRUNCATED: the bytes end
 * early; *out holds what stood in front of the cut (a server name in the first segment of a hello
 * that was lost later is found). *out starts as zero. `tls_certificates` are
 * those of TLS 1.2 and older; in 1.3 they are encrypted.
 */
enum decode tls_client_hello(const void *message, size_t len, struct tls_client_hello *out);
enum decode tls_server_hello(const void *message, size_t len, struct tls_server_hello *out);
enum decode tls_certificates(const void *message, size_t len, struct tls_certificates *out);

/* The fragment of an alert record in the clear: exactly two octets. */
enum decode tls_alert(const void *fragment, size_t len, struct tls_alert *out);

/* The name in RFC 8446 section 6 and its forerunners: "handshake_failure"; NULL when none. */
const char *tls_alert_name(unsigned description);

/* "TLSv1.2"; other numbers as "0x0305" into `to` (TLS_NAME_ROOM bytes), which is returned. */
const char *tls_version_name(unsigned version, char *to);

/* IANA names: "TLS_AES_128_GCM_SHA256", "x25519"; unknown ones as "0x1234". */
const char *tls_cipher_name(unsigned cipher, char *to);
const char *tls_group_name(unsigned group, char *to);

/* "client_hello", ...; NULL when none. */
const char *tls_message_name(unsigned type);

/* Values of RFC 8701 that mean nothing and must be ignored. */
bool tls_is_grease(uint16_t value);

#endif
