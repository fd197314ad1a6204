/*
 * siphash: a hash with a secret key, for tables whose keys come from the network (Aumasson and
 * Bernstein, 2012): whoever does not know the secret cannot choose keys that collide. One and three
 * rounds, as in the tables of Linux and Rust. Inline, for each packet asks for one.
 */
#ifndef HOPPROOF_CAPTURE_SIPHASH_H
#define HOPPROOF_CAPTURE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t sip_rotl(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = sip_rotl(s->v1, 13) ^ s->v0;
    s->v0 = sip_rotl(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = sip_rotl(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = sip_rotl(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = sip_rotl(s->v1, 17) ^ s->v2;
    s->v2 = sip_rotl(s->v2, 32);
}

static inline struct sip sip_begin(const uint64_t secret[2])
{
    return (struct sip){secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d,
                        secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573};
}

static inline void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

/* `last`: the octets that fill no word, and in its highest octet the length of all. */
static inline uint64_t sip_end(struct sip *s, uint64_t last)
{
    sip_word(s, last);
    s->v2 ^= 0xff;
    sip_round(s);
    sip_round(s);
    sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static inline uint64_t siphash(const uint64_t secret[2], const void *bytes, size_t len)
{
    struct sip s = sip_begin(secret);
    const uint8_t *p = bytes;
    uint64_t word, last = (uint64_t)len << 56;

    for (; len >= 8; p += 8, len -= 8) {
        memcpy(&word, p, 8);
        sip_word(&s, word);
    }
    for (size_t i = 0; i < len; i++)
        last |= (uint64_t)p[i] << (8 * i);
    return sip_end(&s, last);
}

#endif
