/* file: see file.h. */
#include "diag/base/file.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *file_label(struct arena *a, const char *path)
{
    if (strcmp(path, "-") == 0)
        return "standard input";
    return text_printable(a, path, strlen(path), 400);
}

const char *file_todo(int error)
{
    switch (error) {
    case EISDIR:
        return "it is a folder: name a file in it";
    case EACCES:
    case EPERM:
        return "give yourself the right to read it, or run with sudo";
    default:
        return "check the path and its permissions";
    }
}

bool file_is_zip(const void *bytes, size_t len)
{
    return len >= 4 && memcmp(bytes, "PK\3\4", 4) == 0;
}

int file_read_on(int fd, struct buf *to)
{
    char block[64 * 1024];

    for (;;) {
        ssize_t n = read(fd, block, sizeof block);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            return 0;
        if (buf_add(to, block, (size_t)n) != 0) /* which bounds the loop on endless devices */
            return E2BIG;
    }
}

int file_read(struct arena *a, const char *path, size_t limit, const char **bytes, size_t *len,
              struct fault *f)
{
    const char *label = file_label(a, path);
    bool standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct buf content;
    int error;

    if (fd < 0)
        return fault_set(f, "%s: cannot be opened: %s; %s", label, strerror(errno),
                         file_todo(errno));
    buf_init(&content, limit);
    error = file_read_on(fd, &content);
    if (!standard_input)
        close(fd);
    if (error == 0) {
        *len = content.len;
        *bytes = arena_strndup(a, (const char *)content.data, content.len);
    }
    buf_free(&content);
    if (error == E2BIG)
        return fault_set(f, "%s: larger than %zu KiB; is it the right file?", label, limit / 1024);
    if (error != 0)
        return fault_set(f, "%s: cannot be read: %s; %s", label, strerror(error), file_todo(error));
    return 0;
}
