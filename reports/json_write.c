/* json_write: the writing half of json.h (RFC 8259). */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/json.h"

#include <errno.h>
#include <string.h>

struct writer {
    struct buf *out;
    FILE *file;      /* where `out` is emptied to now and then; NULL: nowhere */
    unsigned indent; /* current depth */
    bool flat;       /* no line breaks */
    int error;       /* errno of the first write that failed; 0 while all is well */
};

static const size_t flush_at = 64 * 1024;

static void flush(struct writer *w)
{
    if (w->file == NULL)
        return;
    if (w->error == 0 && w->out->overflow)
        w->error = ENOMEM;
    if (w->error == 0 && fwrite(w->out->data, 1, w->out->len, w->file) != w->out->len)
        w->error = errno;
    buf_clear(w->out);
}

static void new_line(struct writer *w)
{
    if (w->flat)
        return;
    if (w->file != NULL && w->out->len >= flush_at)
        flush(w);
    buf_char(w->out, '\n');
    for (unsigned left = w->indent; left > 0;) {
        static const char blanks[] = "                ";
        unsigned n = left < sizeof blanks - 1 ? left : sizeof blanks - 1;

        buf_add(w->out, blanks, n);
        left -= n;
    }
}

static void write_string(struct writer *w, const char *s)
{
    const char *plain = s;

    if (s == NULL) {
        buf_str(w->out, "null");
        return;
    }
    buf_char(w->out, '"');
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if (c != '"' && c != '\\' && c >= 0x20)
            continue;
        buf_add(w->out, plain, (size_t)(s - plain));
        plain = s + 1;
        if (c < 0x20) /* cannot happen in a report made of printable text, and would be no JSON */
            buf_printf(w->out, "\\u%04x", c);
        else {
            buf_char(w->out, '\\');
            buf_char(w->out, (char)c);
        }
    }
    buf_add(w->out, plain, (size_t)(s - plain));
    buf_char(w->out, '"');
}

/* Integers are most of a report; printf twice for each of them would be most of the time. */
static void write_int(struct writer *w, int64_t value, bool thousandths)
{
    char digits[32], *p = digits + sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    unsigned n = 0;

    if (value == INT_UNKNOWN) {
        buf_str(w->out, "null");
        return;
    }
    do {
        if (thousandths && n == 3)
            *--p = '.';
        *--p = (char)('0' + left % 10);
        left /= 10;
        n++;
    } while (left != 0 || (thousandths && n <= 3));
    if (value < 0)
        *--p = '-';
    buf_add(w->out, p, (size_t)(digits + sizeof digits - p));
}

static const void *at(const void *object, size_t offset)
{
    return (const char *)object + offset;
}

static size_t count_of(const void *object, const struct field *f)
{
    size_t n;

    memcpy(&n, at(object, f->count_offset), sizeof n);
    return n;
}

static void write_object(struct writer *w, const void *object, const struct shape *shape);

static void write_list(struct writer *w, const void *object, const struct field *f)
{
    const void *list = *(const void *const *)at(object, f->offset);
    size_t n = count_of(object, f);

    buf_char(w->out, '[');
    w->indent++;
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_str(w->out, f->kind == FIELD_OBJS ? "," : w->flat ? "," : ", ");
        if (f->kind == FIELD_STRS) {
            write_string(w, ((const char *const *)list)[i]);
        } else if (f->kind == FIELD_INTS) {
            write_int(w, ((const int64_t *)list)[i], false);
        } else {
            new_line(w);
            write_object(w, ((const void *const *)list)[i], f->shape);
        }
    }
    w->indent--;
    if (n > 0 && f->kind == FIELD_OBJS)
        new_line(w);
    buf_char(w->out, ']');
}

static void write_detail(struct writer *w, const void *object, const struct field *f)
{
    const struct step *step = object; /* the only structure that has a detail */
    const struct shape *shape = step_detail_shape(step->step);
    const void *detail = *(const void *const *)at(object, f->offset);
    struct arena *a = NULL;

    if (detail == NULL) {
        a = arena_new();
        detail = shape_new(a, shape);
    }
    write_object(w, detail, shape);
    arena_free(a);
}

static void write_value(struct writer *w, const void *object, const struct field *f)
{
    const void *value = at(object, f->offset);
    const void *child;

    switch (f->kind) {
    case FIELD_STR:
        write_string(w, *(const char *const *)value);
        break;
    case FIELD_INT:
    case FIELD_MS:
        write_int(w, *(const int64_t *)value, f->kind == FIELD_MS);
        break;
    case FIELD_BOOL:
        buf_str(w->out, *(const bool *)value ? "true" : "false");
        break;
    case FIELD_TRI:
        buf_str(w->out, *(const enum tri *)value == TRI_UNKNOWN ? "null"
                        : *(const enum tri *)value == TRI_YES   ? "true"
                                                                : "false");
        break;
    case FIELD_NAME:
        write_string(w, names_word(f->names, *(const int *)value));
        break;
    case FIELD_STRS:
    case FIELD_INTS:
    case FIELD_OBJS:
        write_list(w, object, f);
        break;
    case FIELD_OBJ:
        child = *(const void *const *)value;
        if (child == NULL)
            buf_str(w->out, "null");
        else
            write_object(w, child, f->shape);
        break;
    case FIELD_DETAIL:
        write_detail(w, object, f);
        break;
    }
}

static void write_object(struct writer *w, const void *object, const struct shape *shape)
{
    const char *unknown = *(const char *const *)at(object, shape->unknown_offset);

    buf_char(w->out, '{');
    w->indent++;
    for (size_t i = 0; i < shape->n_fields; i++) {
        if (i > 0)
            buf_char(w->out, ',');
        new_line(w);
        buf_char(w->out, '"');
        buf_str(w->out, shape->fields[i].key);
        buf_str(w->out, w->flat ? "\":" : "\": ");
        write_value(w, object, &shape->fields[i]);
    }
    if (unknown != NULL) {
        buf_char(w->out, ',');
        new_line(w);
        buf_str(w->out, unknown);
    }
    w->indent--;
    new_line(w);
    buf_char(w->out, '}');
}

int json_write(const struct report *r, FILE *out)
{
    struct buf piece;
    struct writer w = {.out = &piece, .file = out};

    buf_init(&piece, SIZE_MAX / 2);
    write_object(&w, r, &report_shape);
    buf_char(&piece, '\n');
    flush(&w);
    buf_free(&piece);
    errno = w.error;
    return w.error == 0 ? 0 : -1;
}

int json_write_buf(const struct report *r, struct buf *out)
{
    struct writer w = {.out = out};

    write_object(&w, r, &report_shape);
    buf_char(out, '\n');
    return out->overflow ? -1 : 0;
}

int json_write_object(const void *object, const struct shape *shape, bool flat, struct buf *out)
{
    struct writer w = {.out = out, .flat = flat};

    write_object(&w, object, shape);
    return out->overflow ? -1 : 0;
}
