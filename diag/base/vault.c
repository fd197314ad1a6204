/* vault: see vault.h. */
#include "diag/base/vault.h"

#include "diag/base/secret.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 8 * SECRET_PAGES, ROOM_MAX = 64 * 1024 * 1024 };

struct vault {
    char *text;
    size_t len, room;
};

struct vault *vault_new(void)
{
    return calloc(1, sizeof(struct vault));
}

void vault_free(struct vault *v)
{
    if (v == NULL)
        return;
    secret_pages_free(v->text, v->room);
    free(v);
}

static int grow(struct vault *v, size_t more)
{
    size_t room = v->room == 0 ? ROOM_FIRST : v->room;
    char *text;

    if (more > ROOM_MAX - v->len)
        return -1;
    while (room - v->len < more) /* ends: at ROOM_MAX, a power of two times ROOM_FIRST */
        room *= 2;
    text = secret_pages(room);
    if (text == NULL)
        return -1;
    if (v->len > 0)
        memcpy(text, v->text, v->len);
    secret_pages_free(v->text, v->room);
    v->text = text;
    v->room = room;
    return 0;
}

int vault_add(struct vault *v, const char *text, size_t len)
{
    if (len > v->room - v->len && grow(v, len) != 0)
        return -1;
    memcpy(v->text + v->len, text, len);
    v->len += len;
    return 0;
}

const char *vault_text(const struct vault *v)
{
    return v->text;
}

size_t vault_len(const struct vault *v)
{
    return v->len;
}
