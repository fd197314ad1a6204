/* clocks: see clocks.h. */
#include "capture/clocks.h"

#include "diag/base/arena.h"
#include "diag/proto/ntp.h"

#include <string.h>

enum { MODE_CLIENT = 3, MODE_BITS = 7, TRANSMIT = 40 };

/* The pair of these ends; NULL when it is not there. */
static struct wire_clock *clock_of(struct wire_file *file, const struct addr *client,
                                   const struct addr *server)
{
    for (size_t i = 0; i < file->n_clocks; i++) {
        struct wire_clock *c = &file->clocks[i];

        if (addr_same_ip(&c->client, client) && addr_equal(&c->server, server))
            return c;
    }
    return NULL;
}

/* What the server is to return: the time that the client calls its own. */
static uint64_t cookie_of(const uint8_t *message)
{
    uint64_t cookie = 0;

    for (int i = 0; i < 8; i++)
        cookie = cookie << 8 | message[TRANSMIT + i];
    return cookie;
}

static void take_question(struct wire_file *file, const struct wire_flow *f, const uint8_t *message,
                          const struct seen *seen)
{
    struct addr client = wire_src(f), server = wire_dst(f);
    struct wire_clock *c = clock_of(file, &client, &server);

    if (c == NULL) {
        const struct wire_clock fresh = {
            .server = server, .first_us = seen->time_us, .ask_frame = seen->frame};

        if (file->n_clocks == CLOCKS_MAX)
            return;
        list_push(file->arena, file->clocks, file->n_clocks, fresh);
        c = &file->clocks[file->n_clocks - 1];
    }
    c->client = client; /* with the port of the newest question */
    c->queries++;
    c->asked_us = seen->time_us;
    c->cookie = cookie_of(message);
    c->waiting = true;
    c->flow = f;
}

static void take_answer(struct wire_file *file, const struct wire_flow *f, const uint8_t *message,
                        size_t len, size_t wire_len, const struct seen *seen)
{
    struct addr client = wire_src(f), server = wire_dst(f);
    struct wire_clock *c = clock_of(file, &client, &server);
    struct ntp_answer answer;

    if (c == NULL || !c->waiting || c->client.port != client.port)
        return;
    ntp_read(message, len, c->cookie, &answer);
    if (answer.kind == NTP_FOREIGN || (answer.kind == NTP_BROKEN && len < wire_len && c->told))
        return;
    c->waiting = false;
    c->answers++;
    if (c->told && answer.kind != NTP_TIME)
        return; /* it does tell the time */
    c->told = answer.kind == NTP_TIME;
    c->cut = answer.kind == NTP_BROKEN && len < wire_len;
    c->kind = (int)answer.kind;
    c->stratum = answer.stratum;
    memcpy(c->reference, answer.reference, sizeof c->reference);
    c->received_us = answer.received_us;
    c->sent_us = answer.sent_us;
    c->told_asked_us = c->asked_us;
    c->answered_us = seen->time_us;
    c->answer_frame = seen->frame;
}

void clocks_message(struct wire_file *file, const struct wire_flow *flow, int direction,
                    const uint8_t *message, size_t len, size_t wire_len, const struct seen *seen)
{
    if (direction == 1)
        take_answer(file, flow, message, len, wire_len, seen);
    else if (len >= NTP_LEN && (message[0] & MODE_BITS) == MODE_CLIENT)
        take_question(file, flow, message, seen);
}
