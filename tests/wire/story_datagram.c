/* DNS, NTP, ICMP and ARP of a story: see story_play.h. */
#include "tests/wire/story_play.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_name(struct buf *b, const char *name)
{
    while (*name != '\0') {
        size_t len = strcspn(name, ".");

        buf_char(b, (char)len);
        buf_add(b, name, len);
        name += len + (name[len] == '.');
    }
    buf_char(b, 0);
}

int play_dns(struct play *p, int64_t time_us, struct flow *f, int d, char **words, size_t n)
{
    struct end *from = &f->end[d], *to = &f->end[!d];
    unsigned id = 1, rcode = 0, tc = 0, answers = 0, type;
    struct ip_words ip = {.ttl = from->host->ttl, .id = ++from->id};
    struct buf m, records, udp;
    const char *v, *owner;

    if (n < 2)
        return mistake(p, "dns wants a name and a type");
    owner = words[0];
    type = strcmp(words[1], "AAAA") == 0 ? 28 : 1;
    buf_init(&m, 65535);
    buf_init(&records, 65535);
    buf_init(&udp, 65535);
    for (size_t i = 2; i < n; i++) {
        struct addr a;

        if (value_of(words[i], "id=", &v))
            id = (unsigned)atoi(v);
        else if (value_of(words[i], "rcode=", &v))
            rcode = (unsigned)atoi(v);
        else if (value_of(words[i], "frag=", &v))
            ip.frag = (unsigned)atoi(v);
        else if (strcmp(words[i], "tc") == 0)
            tc = 0x0200;
        else if (value_of(words[i], "cname=", &v)) {
            struct buf target;

            buf_init(&target, 300);
            add_name(&target, v);
            add_name(&records, owner);
            be16(&records, 5), be16(&records, 1), be32(&records, 60);
            be16(&records, (unsigned)target.len);
            buf_add(&records, target.data, target.len);
            buf_free(&target);
            owner = v;
            answers++;
        } else if (addr_parse(words[i], &a)) {
            add_name(&records, owner);
            be16(&records, a.family == AF_INET ? 1 : 28), be16(&records, 1), be32(&records, 60);
            be16(&records, a.family == AF_INET ? 4 : 16);
            buf_add(&records, a.ip, a.family == AF_INET ? 4 : 16);
            answers++;
        } else
            return mistake(p, "\"%s\" is no word of a DNS message", words[i]);
    }
    be16(&m, id);
    be16(&m, (d == 1 ? 0x8180 | rcode | tc : 0x0100));
    be16(&m, 1), be16(&m, answers), be32(&m, 0);
    add_name(&m, words[0]);
    be16(&m, type), be16(&m, 1);
    if (records.len > 0)
        buf_add(&m, records.data, records.len);
    be16(&udp, from->port), be16(&udp, to->port), be16(&udp, (unsigned)m.len + 8), be16(&udp, 0);
    buf_add(&udp, m.data, m.len);
    send_ip(p, time_us, &from->host->addr, &to->host->addr, 17, &ip, &udp,
            d == 0 ? &f->newest : NULL);
    buf_free(&m);
    buf_free(&records);
    buf_free(&udp);
    return 0;
}

/* --- NTP --- */

/* The time of the server is that of the story, plus what the words say. */
int play_ntp(struct play *p, int64_t time_us, struct flow *f, int d, char **words, size_t n)
{
    struct end *from = &f->end[d], *to = &f->end[!d];
    struct ip_words ip = {.ttl = from->host->ttl, .id = ++from->id};
    unsigned stratum = d == 0 ? 0 : 2, leap = 0, len = 48;
    struct buf m, udp;
    const char *v;
    int64_t at_us = time_us;

    for (size_t i = 0; i < n; i++) {
        if (value_of(words[i], "stratum=", &v))
            stratum = (unsigned)atoi(v);
        else if (value_of(words[i], "leap=", &v))
            leap = (unsigned)atoi(v);
        else if (value_of(words[i], "len=", &v))
            len = (unsigned)atoi(v);
        else if (value_of(words[i], "ahead=", &v))
            at_us += atoi(v) * INT64_C(1000000);
        else
            return mistake(p, "\"%s\" is no word of an NTP message", words[i]);
    }
    buf_init(&m, 1000);
    buf_init(&udp, 1000);
    buf_char(&m, (char)(leap << 6 | 4 << 3 | (d == 0 ? 3 : 4)));
    buf_char(&m, (char)stratum);
    zeros(&m, 10);
    buf_add(&m, "RATE", 4);
    zeros(&m, 8);
    for (int i = 0; i < 3;
         i++) { /* origin, receive, transmit: 4 octets of seconds, 4 of fraction */
        bool empty = d == 0 ? i < 2 : false;

        be32(&m, empty ? 0 : d == 1 && i == 0 ? 7 : (uint32_t)(at_us / 1000000 + 2208988800));
        be32(&m, empty ? 0 : d == 1 && i == 0 ? 7 : (uint32_t)((at_us % 1000000 << 32) / 1000000));
    }
    if (d == 0) { /* its cookie */
        m.len -= 8;
        be32(&m, 7), be32(&m, 7);
    }
    if (m.len > len)
        m.len = len;
    be16(&udp, from->port), be16(&udp, to->port), be16(&udp, (unsigned)m.len + 8), be16(&udp, 0);
    buf_add(&udp, m.data, m.len);
    send_ip(p, time_us, &from->host->addr, &to->host->addr, 17, &ip, &udp,
            d == 0 ? &f->newest : NULL);
    buf_free(&m);
    buf_free(&udp);
    return 0;
}

/* --- ICMP, ARP --- */

int play_icmp(struct play *p, int64_t time_us, const struct host *from, char **words, size_t n)
{
    struct flow *f = n >= 3 ? flow_of(p, words[2]) : NULL;
    struct ip_words ip = {.ttl = from->ttl, .id = 1};
    unsigned mtu = 0;
    const char *v;
    struct buf m;
    bool v6 = from->addr.family == AF_INET6;
    size_t quote = v6 ? 100 : 28; /* 28: what RFC 792 demands; most quote more */

    if (f == NULL || f->newest.len == 0)
        return mistake(p, "icmp wants TYPE CODE and a flow that sent something");
    for (size_t i = 3; i < n; i++) {
        if (value_of(words[i], "mtu=", &v))
            mtu = (unsigned)atoi(v);
        else if (value_of(words[i], "quote=", &v))
            quote = strtoul(v, NULL, 10);
    }
    buf_init(&m, 2048);
    buf_char(&m, (char)atoi(words[0]));
    buf_char(&m, (char)atoi(words[1]));
    be16(&m, 0);
    be32(&m, mtu);
    if (quote > f->newest.len)
        quote = f->newest.len;
    buf_add(&m, f->newest.data, quote);
    send_ip(p, time_us, &from->addr, &f->end[0].host->addr, v6 ? 58 : 1, &ip, &m, NULL);
    buf_free(&m);
    return 0;
}

/* "mac=02:00:00:00:00:01" as the last word; without it nobody's. */
static bool mac_of(char **words, size_t *n, uint8_t mac[6])
{
    unsigned octets[6] = {0};
    const char *v;

    if (*n == 0 || !value_of(words[*n - 1], "mac=", &v))
        return true;
    (*n)--;
    if (sscanf(v, "%2x:%2x:%2x:%2x:%2x:%2x", &octets[0], &octets[1], &octets[2], &octets[3],
               &octets[4], &octets[5]) != 6)
        return false;
    for (int i = 0; i < 6; i++)
        mac[i] = (uint8_t)octets[i];
    return true;
}

int play_arp(struct play *p, int64_t time_us, bool reply, char **words, size_t n)
{
    struct addr asker = {0}, target = {0};
    uint8_t mac[6] = {0};
    struct buf m;

    if (!mac_of(words, &n, mac) || n < (reply ? 1u : 2u) || !addr_parse(words[n - 1], &target) ||
        (!reply && !addr_parse(words[0], &asker)))
        return mistake(p, "arp wants addresses");
    buf_init(&m, 64);
    be16(&m, 1), be16(&m, 0x0800), be16(&m, 0x0604), be16(&m, reply ? 2 : 1);
    buf_add(&m, mac, sizeof mac);
    buf_add(&m, reply ? target.ip : asker.ip, 4);
    zeros(&m, 6);
    buf_add(&m, reply ? asker.ip : target.ip, 4);
    story_file_packet(&p->file, time_us, 0, m.data, m.len, true);
    buf_free(&m);
    return 0;
}
