/* auth: see auth.h. */
#include "probes/auth.h"

#include "diag/base/arena.h"
#include "diag/base/secret.h"
#include "diag/base/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEX_ROOM = 2 * 32 + 1 }; /* of the longest digest below */

/* Hashes of RFC 7616 section 6.1; the stronger has the higher rank. */
static const struct algorithm {
    const char *name, *digest;
    bool session;
    int rank;
} algorithms[] = {
    {"SHA-512-256", "SHA512-256", false, 4},
    {"SHA-512-256-sess", "SHA512-256", true, 4},
    {"SHA-256", "SHA256", false, 3},
    {"SHA-256-sess", "SHA256", true, 3},
    {"MD5", "MD5", false, 2},
    {"MD5-sess", "MD5", true, 2},
};

enum { RANK_NONE = 0, RANK_BASIC = 1, RANK_BEST = 4 };

/* A value being written into room that was measured before, so that no copy is left behind. */
struct writer {
    char *p;
    size_t len, room;
};

static bool writer_new(struct writer *w, size_t room)
{
    *w = (struct writer){.p = malloc(room), .room = room};
    return w->p != NULL;
}

static void put(struct writer *w, const char *s, size_t len)
{
    if (len >= w->room - w->len) /* cannot be: see digest_room */
        abort();
    memcpy(w->p + w->len, s, len);
    w->len += len;
    w->p[w->len] = '\0';
}

static void put_text(struct writer *w, const char *s)
{
    put(w, s, strlen(s));
}

/* NAME="VALUE" as a quoted-string (RFC 9110 section 5.6.4). */
static void put_quoted(struct writer *w, const char *name, const char *value)
{
    put_text(w, name);
    put(w, "=\"", 2);
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            put(w, "\\", 1);
        put(w, value, 1);
    }
    put(w, "\"", 1);
}

/* One string that is hashed: pieces with colons between them. */
struct hashing {
    EVP_MD_CTX *ctx;
    bool ok, begun;
};

static void hash_piece(struct hashing *h, const char *bytes, size_t len)
{
    if (h->begun)
        h->ok = h->ok && EVP_DigestUpdate(h->ctx, ":", 1) == 1;
    h->begun = true;
    h->ok = h->ok && EVP_DigestUpdate(h->ctx, bytes, len) == 1;
}

static void hash_text(struct hashing *h, const char *s)
{
    hash_piece(h, s, strlen(s));
}

static struct hashing hash_begin(const EVP_MD *md)
{
    struct hashing h = {.ctx = EVP_MD_CTX_new()};

    h.ok = h.ctx != NULL && EVP_DigestInit_ex2(h.ctx, md, NULL) == 1;
    return h;
}

/* The digest as lower-case hexadecimal digits; false when something failed on the way. */
static bool hash_end(struct hashing *h, char hex[HEX_ROOM])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    bool ok = h->ok && EVP_DigestFinal_ex(h->ctx, digest, &len) == 1 && len * 2 < HEX_ROOM;

    EVP_MD_CTX_free(h->ctx); /* which wipes its state */
    for (unsigned i = 0; ok && i < len; i++)
        snprintf(hex + (size_t)i * 2, 3, "%02x", digest[i]);
    OPENSSL_cleanse(digest, sizeof digest);
    return ok;
}

/* A Digest challenge, with what we make of it. */
struct digest {
    const struct algorithm *algorithm;
    const char *algorithm_name; /* as offered; NULL when it was not named */
    const char *realm, *nonce, *opaque;
    bool qop, userhash;
};

static bool list_has(const char *list, const char *word)
{
    size_t len = strlen(word), item;

    for (; *list != '\0'; list += item) {
        list += strspn(list, " \t,");
        item = strcspn(list, " \t,");
        if (item == len && text_starts_with_nocase(list, word))
            return true;
    }
    return false;
}

/* What of RFC 7616 section 3.3 the challenge asks for; false when that is beyond us. */
static bool read_digest(const struct challenge *c, struct digest *out)
{
    const char *qop = challenge_param(c, "qop"), *userhash = challenge_param(c, "userhash");
    const char *name = challenge_param(c, "algorithm");

    *out = (struct digest){.algorithm_name = name,
                           .realm = challenge_param(c, "realm"),
                           .nonce = challenge_param(c, "nonce"),
                           .opaque = challenge_param(c, "opaque"),
                           .qop = qop != NULL,
                           .userhash = userhash != NULL && text_equal_nocase(userhash, "true")};
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (text_equal_nocase(name == NULL ? "MD5" : name, algorithms[i].name))
            out->algorithm = &algorithms[i];
    }
    if (out->algorithm == NULL || out->realm == NULL || out->nonce == NULL)
        return false;
    if (qop != NULL && !list_has(qop, "auth"))
        return false;
    /* Without qop there is no cnonce (RFC 2617 section 3.2.2.2), which -sess needs. */
    return qop != NULL || !out->algorithm->session;
}

/* The response of RFC 7616 section 3.4.1; without qop that of RFC 2069. */
static bool make_response(const EVP_MD *md, const struct digest *d, const struct auth_request *r,
                          const char *nc, char hex[HEX_ROOM])
{
    char a1[HEX_ROOM], a2[HEX_ROOM];
    struct hashing h = hash_begin(md);
    bool ok;

    hash_text(&h, r->user);
    hash_text(&h, d->realm);
    hash_piece(&h, secret_text(r->password), secret_len(r->password));
    ok = hash_end(&h, a1);
    if (ok && d->algorithm->session) {
        h = hash_begin(md);
        hash_text(&h, a1);
        hash_text(&h, d->nonce);
        hash_text(&h, r->cnonce);
        ok = hash_end(&h, a1);
    }
    h = hash_begin(md);
    hash_text(&h, r->method);
    hash_text(&h, r->target);
    ok = hash_end(&h, a2) && ok;
    if (ok) {
        h = hash_begin(md);
        hash_text(&h, a1);
        hash_text(&h, d->nonce);
        if (d->qop) {
            hash_text(&h, nc);
            hash_text(&h, r->cnonce);
            hash_text(&h, "auth");
        }
        hash_text(&h, a2);
        ok = hash_end(&h, hex);
    }
    OPENSSL_cleanse(a1, sizeof a1);
    return ok;
}

/* Enough for the value: every character of the texts may be escaped. */
static size_t digest_room(const struct digest *d, const struct auth_request *r)
{
    size_t texts = strlen(r->user) + strlen(d->realm) + strlen(d->nonce) + strlen(r->target) +
                   strlen(r->cnonce) + (d->opaque != NULL ? strlen(d->opaque) : 0);

    return 2 * texts + 512; /* names, digests, counters */
}

static void put_digest(struct writer *w, const struct digest *d, const struct auth_request *r,
                       const char *user, const char *nc, const char *response)
{
    put_text(w, "Digest ");
    put_quoted(w, "username", user);
    put_quoted(w, ", realm", d->realm);
    put_quoted(w, ", uri", r->target);
    if (d->algorithm_name != NULL) {
        put_text(w, ", algorithm=");
        put_text(w, d->algorithm->name);
    }
    put_quoted(w, ", nonce", d->nonce);
    if (d->qop) {
        put_text(w, ", nc=");
        put_text(w, nc);
        put_quoted(w, ", cnonce", r->cnonce);
        put_text(w, ", qop=auth");
    }
    put_quoted(w, ", response", response);
    if (d->opaque != NULL)
        put_quoted(w, ", opaque", d->opaque);
    if (d->userhash)
        put_text(w, ", userhash=true");
}

static enum auth_result answer_digest(const struct challenge *c, const struct auth_request *r,
                                      struct auth *out)
{
    char response[HEX_ROOM], user_hash[HEX_ROOM], nc[16];
    enum auth_result result = AUTH_FAILED;
    struct writer w;
    struct digest d;
    EVP_MD *md;

    if (!read_digest(c, &d))
        return AUTH_NO_SCHEME;
    md = EVP_MD_fetch(NULL, d.algorithm->digest, NULL);
    if (md == NULL)
        return AUTH_NO_SCHEME; /* a system's policy may forbid MD5 */
    snprintf(nc, sizeof nc, "%08x", r->nc);
    if (d.userhash) {
        struct hashing h = hash_begin(md);

        hash_text(&h, r->user);
        hash_text(&h, d.realm);
        if (!hash_end(&h, user_hash))
            goto out;
    }
    if (!make_response(md, &d, r, nc, response) || !writer_new(&w, digest_room(&d, r)))
        goto out;
    put_digest(&w, &d, r, d.userhash ? user_hash : r->user, nc, response);
    *out = (struct auth){.scheme = "Digest", .value = w.p, .len = w.len};
    result = AUTH_OK;
out:
    EVP_MD_free(md);
    return result;
}

/* "Basic " base64(user ":" password), RFC 7617 section 2. */
static enum auth_result answer_basic(const struct auth_request *r, struct auth *out)
{
    size_t user = strlen(r->user), password = secret_len(r->password);
    size_t plain_len = user + 1 + password, room = 6 + (plain_len + 2) / 3 * 4 + 1;
    char *plain, *value;

    if (strchr(r->user, ':') != NULL)
        return AUTH_UNUSABLE;
    if (plain_len > 64 * 1024)
        return AUTH_UNUSABLE; /* beyond any proxy's limits, and an int below */
    plain = malloc(plain_len);
    value = malloc(room);
    if (plain == NULL || value == NULL) {
        free(plain);
        free(value);
        return AUTH_FAILED;
    }
    memcpy(plain, r->user, user);
    plain[user] = ':';
    memcpy(plain + user + 1, secret_text(r->password), password);
    memcpy(value, "Basic ", 6);
    EVP_EncodeBlock((unsigned char *)value + 6, (unsigned char *)plain, (int)plain_len);
    OPENSSL_cleanse(plain, plain_len);
    free(plain);
    *out = (struct auth){.scheme = "Basic", .value = value, .len = room - 1};
    return AUTH_OK;
}

/* How good a challenge is; RANK_NONE for one that we cannot answer. */
static int rank_of(const struct challenge *c)
{
    struct digest d;

    if (text_equal_nocase(c->scheme, "Basic"))
        return RANK_BASIC;
    if (text_equal_nocase(c->scheme, "Digest") && read_digest(c, &d))
        return d.algorithm->rank;
    return RANK_NONE;
}

static bool has_control(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return true;
    }
    return false;
}

enum auth_result auth_answer(const struct challenges *offered, const struct auth_request *request,
                             struct auth *out)
{
    enum auth_result worst = AUTH_NO_SCHEME;

    if (has_control(request->user))
        return AUTH_UNUSABLE; /* a line end would add fields to our request */
    for (int rank = RANK_BEST; rank >= RANK_BASIC; rank--) {
        for (size_t i = 0; i < offered->n; i++) {
            const struct challenge *c = &offered->list[i];
            enum auth_result result;

            if (rank_of(c) != rank)
                continue;
            result =
                rank == RANK_BASIC ? answer_basic(request, out) : answer_digest(c, request, out);
            if (result == AUTH_OK)
                return AUTH_OK;
            if (result > worst)
                worst = result;
        }
    }
    return worst;
}

void auth_free(struct auth *auth)
{
    if (auth->value != NULL)
        OPENSSL_cleanse(auth->value, auth->len);
    free(auth->value);
    *auth = (struct auth){.len = 0};
}

bool auth_stale(const struct challenges *offered)
{
    for (size_t i = 0; i < offered->n; i++) {
        const char *stale = challenge_param(&offered->list[i], "stale");

        if (text_equal_nocase(offered->list[i].scheme, "Digest") && stale != NULL &&
            text_equal_nocase(stale, "true"))
            return true;
    }
    return false;
}

bool auth_cnonce(char to[AUTH_CNONCE_ROOM])
{
    unsigned char random[(AUTH_CNONCE_ROOM - 1) / 2];

    if (RAND_bytes(random, sizeof random) != 1)
        return false;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(to + i * 2, 3, "%02x", random[i]);
    return true;
}
