/* secret: see secret.h. A page of its own, locked (mlock(2)) and kept out of core files. */
#include "diag/base/secret.h"

#include "diag/base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MAX 4096

struct secret {
    size_t len;
    char text[SECRET_MAX + 2]; /* one more than is allowed, so that too long a file is noticed */
};

_Static_assert(sizeof(struct secret) <= SECRET_PAGES, "a secret fits its pages");

/* Whole pages: madvise(2) works on nothing smaller. */
void *secret_pages(size_t room)
{
    void *pages = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        return NULL;
    /* All best effort: a small RLIMIT_MEMLOCK must not stop a diagnosis. The recorder, a process
     * of ours that reads strangers' packets, finds nothing here. */
    (void)mlock(pages, room);
    (void)madvise(pages, room, MADV_DONTDUMP);
    (void)madvise(pages, room, MADV_WIPEONFORK);
    return pages;
}

void secret_pages_free(void *pages, size_t room)
{
    if (pages == NULL)
        return;
    explicit_bzero(pages, room);
    munmap(pages, room);
}

struct secret *secret_new(const void *bytes, size_t len)
{
    struct secret *s;

    if (len > SECRET_MAX)
        return NULL;
    s = secret_pages(SECRET_PAGES);
    if (s == NULL)
        return NULL;
    if (len > 0)
        memcpy(s->text, bytes, len);
    s->text[len] = '\0';
    s->len = len;
    return s;
}

void secret_free(struct secret *s)
{
    secret_pages_free(s, SECRET_PAGES);
}

const char *secret_text(const struct secret *s)
{
    return s->text;
}

size_t secret_len(const struct secret *s)
{
    return s->len;
}

/* Read at most `room` bytes; the number read, or -1. */
static ssize_t read_all(int fd, char *to, size_t room)
{
    size_t len = 0;

    while (len < room) {
        ssize_t n = read(fd, to + len, room - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

int secret_read_file(const char *path, struct secret **out, struct fault *f)
{
    struct secret *s = NULL;
    struct stat st;
    ssize_t len;
    size_t end;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return fault_at(f, path, 1, "cannot read the password file: %s; check path and permissions",
                        strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        fault_at(f, path, 1, "not a regular file; put the password into a plain file");
        goto failed;
    }
    s = secret_new(NULL, 0);
    if (s == NULL) {
        fault_set(f, "out of memory; free some memory");
        goto failed;
    }
    len = read_all(fd, s->text, sizeof s->text - 1); /* no other memory ever holds it */
    if (len < 0) {
        fault_at(f, path, 1, "cannot read the password file: %s; check the disk", strerror(errno));
        goto failed;
    }
    end = strcspn(s->text, "\n");
    if (s->text[end] == '\n' && end > 0 && s->text[end - 1] == '\r')
        end--; /* of a file from Windows; a CR elsewhere belongs to the password */
    if (memchr(s->text, '\0', (size_t)len) != NULL || end > SECRET_MAX || end == 0) {
        fault_at(f, path, 1,
                 end == 0 ? "the password file is empty; its first line is the password"
                          : "not a password: too long or binary; the first line is used");
        goto failed;
    }
    close(fd);
    explicit_bzero(s->text + end, sizeof s->text - end);
    s->len = end;
    *out = s;
    return 0;

failed:
    close(fd);
    secret_free(s);
    return -1;
}

int secret_from_env(const char *name, struct secret **out, struct fault *f)
{
    char *value = getenv(name);
    size_t len;

    *out = NULL;
    if (value == NULL)
        return 0;
    len = strlen(value);
    *out = secret_new(value, len);
    explicit_bzero(value, len); /* /proc/PID/environ shows this very memory */
    unsetenv(name);
    if (*out == NULL)
        return fault_set(f, "%s cannot be kept; at most %d bytes are a password", name, SECRET_MAX);
    return 0;
}
